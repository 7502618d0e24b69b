export * from './cost-and-usage-export';
export * from './cost-and-usage-export-health-check';
export * from './time-granularity';
