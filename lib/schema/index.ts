export * from './attribution-key';
export * from './attribution-schema';
export * from './carrier';
export * from './limits';
export * from './problem';
export * from './reserved-names';
export * from './schema-error';
export * from './sinks';
