export type { CallStatus, CallUsage, ObservedOperation, TokenCounts } from './call-usage';
export { observeUsage, type UsageListener, type UsageObserver, type UsageObserverOptions } from './observe-usage';
