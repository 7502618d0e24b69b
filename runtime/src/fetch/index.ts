export { type AttributedFetchOptions, attributedFetch } from './attributed-fetch';
export type { BearerToken, BedrockAuth } from './authorize';
export type { Stamper } from '../stamper';
export type { Credentials, FetchFunction } from '../signing';
