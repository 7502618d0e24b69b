export * from './attributed-invocation-policy';
export * from './attribution-boundary';
export * from './attribution-controls';
export * from './bedrock-service-role';
export * from './invocation-target';
