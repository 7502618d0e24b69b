export { attributedBedrockSettings, type BedrockSettings } from './attributed-bedrock-settings';
