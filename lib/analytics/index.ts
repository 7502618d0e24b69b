export * from './attribution-catalog';
export * from './dimension-refresher';
export * from './invocation-log-source';
export * from './ledger-store';
export * from './query-results';
export * from './query-workgroup';
export * from './query-workgroup-base';
export * from './query-workgroup-grants';
