export * from './monthly-closing';
