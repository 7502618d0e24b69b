export * from './attributed-invocation-policy';
export * from './attribution-boundary';
export * from './attribution-controls';
export * from './attribution-guardrails';
export * from './bedrock-service-role';
export * from './bedrock-user-group';
export * from './invocation-target';
