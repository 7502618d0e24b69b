export * from './model-aliases';
export * from './price-book';
export * from './price-entry';
