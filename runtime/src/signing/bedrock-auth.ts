import type { BearerToken } from './bearer-token';
import type { Credentials } from './sign-request';

/**
 * Who calls: by an API key, or by credentials of AWS, with which each request is signed. The latter needs `@smithy/signature-v4`.
 */
export type BedrockAuth =
  | { readonly bearerToken: BearerToken; readonly credentials?: undefined }
  | { readonly credentials: Credentials; readonly bearerToken?: undefined };
