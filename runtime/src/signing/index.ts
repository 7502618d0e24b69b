export { bearerAuthorization, type BearerToken, isSendable } from './bearer-token';
export type { BedrockAuth } from './bedrock-auth';
export { type FetchFunction, type FetchInput, type PlainRequest, plainRequest, send, unlessAborted } from './plain-request';
export { type Credentials, type RequestSigner, requestSigner, type SigningOptions } from './sign-request';
export { signedFetch, type SignedFetchOptions } from './signed-fetch';
