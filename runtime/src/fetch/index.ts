export { type AttributedFetchOptions, attributedFetch } from './attributed-fetch';
export type { Stamper } from '../stamper';
export type { BearerToken, BedrockAuth, Credentials, FetchFunction } from '../signing';
