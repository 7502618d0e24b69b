export { attributeAnthropic } from './attribute-anthropic';
