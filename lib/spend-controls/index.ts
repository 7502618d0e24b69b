export * from './handlers/enums';
