export { attributeAnthropic } from './attribute-anthropic';
export type { Stamper } from '../adapters/stamper';
