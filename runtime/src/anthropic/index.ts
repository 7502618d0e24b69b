export { attributeAnthropic } from './attribute-anthropic';
export type { Stamper } from '../stamper';
