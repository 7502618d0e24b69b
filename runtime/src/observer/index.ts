export type { CallStatus, CallUsage, ObservedOperation, TokenCounts } from './call-usage';
export { observeUsage, type UsageListener, type UsageObserverOptions } from './observe-usage';
export type { UsageObserver } from './observer-middleware';
