export * from './attribution-schema-parameter';
export * from './attribution-schema-parameter-grants';
