export { type AttributedBedrockSettings, attributedBedrockSettings, type BedrockSettings } from './attributed-bedrock-settings';
export type { Stamper } from '../stamper';
