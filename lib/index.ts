export * as access from './access';
export * as analytics from './analytics';
export * as attributionSchemaParameter from './attribution-schema-parameter';
export * as dataExports from './data-exports';
export * as inferenceProfiles from './inference-profiles';
export * as invocationLogging from './invocation-logging';
export * as priceBook from './price-book';
export * as schema from './schema';
