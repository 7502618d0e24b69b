import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import { type BedrockAuth, type FetchFunction, plainRequest, send } from '../signing';
import type { Stamper } from '../stamper';
import { authorizer, authProblems } from './authorize';
import { stampRequest } from './stamp-request';

/** Where and as whom a `fetch` calls Bedrock. */
export interface AttributedFetchOptions {
  /** Region of the endpoint, such as `eu-west-1`. */
  readonly region: string;

  /** Who calls, whatever a request says: `{ credentials }` or `{ bearerToken }`. */
  readonly auth: BedrockAuth;

  /**
   * Address of another endpoint that takes the place of bedrock-runtime, such as a VPC endpoint.
   *
   * @default - `bedrock-runtime` and `bedrock-agent-runtime` of the Region, with FIPS and dual-stack names
   */
  readonly endpoint?: string;

  /**
   * What sends the requests.
   *
   * @default - the global `fetch`
   */
  readonly fetch?: FetchFunction;
}

/** Names of the runtimes of Bedrock. */
const RUNTIME_HOST = /^bedrock-(?:agent-)?runtime(?:-fips)?\.(?<region>[a-z0-9-]+)\.(?<suffix>[a-z.]+)$/;

/** Suffixes of the public partitions, the second of each for IPv6 as well. */
const SUFFIXES = ['amazonaws.com', 'api.aws', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn', 'amazonaws.eu', 'api.amazonwebservices.eu'];

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/**
 * A `fetch` that stamps, routes and signs calls of Bedrock.
 *
 * - `POST /model/{id}/converse` and `/converse-stream` carry request metadata as a member of the body, which is parsed and written anew;
 *   `/invoke` and `/invoke-with-response-stream` carry it as a signed header. What the caller sends itself is merged or refused, as
 *   the attribution says; a body of Converse that is no JSON object is refused.
 * - Other requests to the same endpoint are signed as they are, without a header of request metadata.
 * - Requests to any other host are passed on as they are: no credentials are sent there.
 *
 * Answers are not touched, redirects not followed, and nothing is tried a second time.
 *
 * @param calls what stamps the calls
 * @param options where and as whom they are made
 * @returns a function to be called like `fetch`; rejects with an AttributionError where the attribution refuses a call
 * @throws AttributionError `InvalidConfiguration` when an option cannot be used, with everything that is wrong
 */
export function attributedFetch(calls: Stamper, options: AttributedFetchOptions): FetchFunction {
  const { region, auth, endpoint, fetch: fetchFunction } = options;
  const problems = [...regionProblems(region), ...authProblems(auth), ...endpointProblems(endpoint)];
  if (problems.length > 0) throw new AttributionError('InvalidConfiguration', 'the options of attributedFetch', problems);
  const base = endpoint === undefined ? undefined : new URL(endpoint);
  const authorize = authorizer(auth, region);

  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!isBedrock(url, region, base)) return (fetchFunction ?? fetch)(input, init);
    const request = await authorize(stampRequest(calls, await plainRequest(input, init), region));
    // fetch would send the session token on to wherever a redirect leads
    const redirect = request.rest.redirect === 'error' ? 'error' : 'manual';
    return send({ ...request, rest: { ...request.rest, redirect } }, fetchFunction);
  };
}

function isBedrock(url: URL, region: string, endpoint: URL | undefined): boolean {
  if (url.origin === endpoint?.origin) return true;
  const { region: own, suffix = '' } = RUNTIME_HOST.exec(url.hostname)?.groups ?? {};
  return url.protocol === 'https:' && url.port === '' && own === region && SUFFIXES.includes(suffix);
}

function regionProblems(region: string): Problem[] {
  if (REGION.test(region)) return [];
  const allowed = 'a Region such as eu-west-1';
  return [newProblem({ code: 'region', path: 'region', got: region, allowed, remedy: 'give the Region of the endpoint' })];
}

function endpointProblems(endpoint: string | undefined): Problem[] {
  if (endpoint === undefined) return [];
  if (URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)) return [];
  const allowed = 'an address that begins with https:// or http://';
  return [newProblem({ code: 'endpoint', path: 'endpoint', got: endpoint, allowed, remedy: 'correct it, or leave it out' })];
}
