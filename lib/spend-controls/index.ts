export * from './attribution-budget-action';
export * from './budget-action-target';
export * from './budget-action-threshold';
export * from './handlers/enums';
export * from './invocation-stop-policy';
