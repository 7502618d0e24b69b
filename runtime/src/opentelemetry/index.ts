export type { UsageObserver } from '../observer';
export { observeWithOpenTelemetry, type OpenTelemetryOptions, type RecordedKeys } from './observe-with-opentelemetry';
