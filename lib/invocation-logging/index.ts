export * from './invocation-log-destination';
export * from './invocation-log-store';
export * from './invocation-logging';
