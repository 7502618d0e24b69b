import type { AmazonBedrockProviderSettings } from '@ai-sdk/amazon-bedrock';
import { invalidClient } from '../adapters/invalid-client';
import { attributedFetch, type BedrockAuth } from '../fetch';
import type { FetchFunction } from '../signing';
import type { Stamper } from '../stamper';

/** Settings of `createAmazonBedrock` and of `createBedrockAnthropic`, as far as they decide where and as whom Bedrock is called. */
export type BedrockSettings = Pick<AmazonBedrockProviderSettings,
  'region' | 'apiKey' | 'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'credentialProvider' | 'baseURL' | 'fetch'>;

/** What the settings say in any case. */
export type AttributedBedrockSettings = Required<Pick<BedrockSettings, 'region' | 'apiKey' | 'fetch'>>;

/** With a key, the provider leaves the request to `fetch` unsigned: this one stands there until it is replaced, and never leaves. */
const NO_KEY = 'none, since the fetch of the settings signs';

/**
 * Settings of `@ai-sdk/amazon-bedrock` with which a provider stamps, routes and signs its calls.
 *
 * The provider signs before it calls the `fetch` of its settings, and what is added after that is refused. So the `fetch` of these
 * settings does both; credentials, Region and address are looked for where the provider would: in the settings, then in
 * `AWS_BEARER_TOKEN_BEDROCK`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`,
 * `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` and `AWS_ENDPOINT_URL`, but once, here.
 *
 * @param calls what stamps the calls
 * @param settings for `createAmazonBedrock`, or for `createBedrockAnthropic` of the entry `anthropic`; not for `createBedrockMantle`,
 *   whose calls name a project
 * @returns settings for the same function
 * @throws AttributionError `InvalidConfiguration` when there is no Region or nobody to call as
 */
export function attributedBedrockSettings<S extends BedrockSettings>(calls: Stamper, settings: S): S & AttributedBedrockSettings {
  const { AWS_REGION = '', AWS_ENDPOINT_URL_BEDROCK_RUNTIME, AWS_ENDPOINT_URL } = process.env;
  const region = settings.region ?? AWS_REGION;
  const fetchFunction = attributedFetch(calls, {
    region,
    auth: authOf(settings),
    endpoint: settings.baseURL ?? AWS_ENDPOINT_URL_BEDROCK_RUNTIME ?? AWS_ENDPOINT_URL,
    fetch: onlyAuthorized(settings.fetch),
  });
  return { ...settings, region, apiKey: NO_KEY, fetch: fetchFunction };
}

/** Who the provider would call as. */
function authOf({ apiKey, credentialProvider, accessKeyId, secretAccessKey, sessionToken }: BedrockSettings): BedrockAuth {
  const { AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const bearerToken = (apiKey ?? AWS_BEARER_TOKEN_BEDROCK ?? '').trim();
  if (bearerToken !== '') return { bearerToken };
  if (credentialProvider !== undefined) return { credentials: async () => credentialProvider() };
  return {
    credentials: {
      accessKeyId: accessKeyId ?? AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: secretAccessKey ?? AWS_SECRET_ACCESS_KEY ?? '',
      // a session token of the environment belongs to no other keys
      sessionToken: accessKeyId !== undefined && secretAccessKey !== undefined ? sessionToken : sessionToken ?? AWS_SESSION_TOKEN,
    },
  };
}

/** What is for no runtime of Bedrock in the Region comes here as it was, and would leave without attribution. */
function onlyAuthorized(given: FetchFunction | undefined): FetchFunction {
  return async (input, init) => {
    if (new Headers(init?.headers).get('authorization') === `Bearer ${NO_KEY}`) {
      throw invalidClient({
        subject: 'the provider of models',
        code: 'address',
        path: 'baseURL',
        given: new URL(input instanceof Request ? input.url : input).origin,
        allowed: 'addresses of the Bedrock runtime in the Region of the settings, or baseURL',
        remedy: 'correct baseURL; createBedrockMantle takes a project in its headers and other settings',
      });
    }
    // as late as this, since others may replace the global one
    return (given ?? fetch)(input, init);
  };
}
