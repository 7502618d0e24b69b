export * from './cost-and-usage-export';
export * from './time-granularity';
