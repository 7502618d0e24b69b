import { newProblem } from '../../../lib/schema/new-problem';
import { stampHeaders } from '../adapters/stamp-headers';
import { AttributionError } from '../attribution-error';
import { METADATA_HEADER } from '../attribution-middleware';
import type { PlainRequest } from '../signing';
import type { Stamper } from '../stamper';

interface Operation {
  readonly name: string;
  readonly carriedAs: 'map' | 'header';
}

/** The operations that carry request metadata, by the ends of their paths. */
const OPERATIONS: Readonly<Record<string, Operation | undefined>> = {
  'invoke': { name: 'InvokeModel', carriedAs: 'header' },
  'invoke-with-response-stream': { name: 'InvokeModelWithResponseStream', carriedAs: 'header' },
  'converse': { name: 'Converse', carriedAs: 'map' },
  'converse-stream': { name: 'ConverseStream', carriedAs: 'map' },
};

/** The operations that spend money and have no place for request metadata, by the ends of their paths. */
const UNCARRIED: readonly (readonly [end: string, name: string])[] = [
  ['/async-invoke', 'StartAsyncInvoke'],
  ['/chat/completions', 'ChatCompletions'],
  ['/responses', 'Responses'],
  ['/messages', 'Messages'],
  ['/rerank', 'Rerank'],
  ['/apply', 'ApplyGuardrail'],
];

/**
 * A request to bedrock-runtime with its model routed, and with what the call is stamped with.
 *
 * @throws AttributionError where the options of the attribution ask for it, and for a body of Converse that cannot be read
 */
export function stampRequest(calls: Stamper, request: PlainRequest, region: string): PlainRequest {
  const segments = request.url.pathname.split('/').filter(segment => segment !== '').map(decoded);
  const start = segments.indexOf('model');
  const operation = start === -1 || segments.length < start + 3 ? undefined : OPERATIONS[segments.at(-1) ?? ''];
  if (request.method !== 'POST' || operation === undefined) {
    const uncarried = UNCARRIED.find(([end]) => `/${segments.join('/')}`.endsWith(end));
    if (request.method === 'POST' && uncarried !== undefined) calls.warnUncarried(uncarried[1]);
    return { ...request, headers: withoutMetadata(request.headers) };
  }
  // written anew, so that no other spelling of a path is one that is not stamped
  const model = calls.route(segments.slice(start + 1, -1).join('/'), region, operation.name);
  const url = new URL(request.url);
  url.pathname = [...segments.slice(0, start + 1), model, segments.at(-1) ?? ''].map(encodeURIComponent).join('/');
  return { ...operation.carriedAs === 'map' ? withMap(calls, request, operation) : withHeader(calls, request, operation), url };
}

function withHeader(calls: Stamper, request: PlainRequest, { name }: Operation): PlainRequest {
  return { ...request, headers: stampHeaders(calls, request.headers, name) };
}

function withMap(calls: Stamper, request: PlainRequest, { name }: Operation): PlainRequest {
  const body = readObject(request.body);
  const { metadata } = calls.stamp(name, undefined, body.requestMetadata ?? undefined);
  const headers = withoutMetadata(request.headers);
  headers.delete('content-length');
  return { ...request, headers, body: new TextEncoder().encode(JSON.stringify({ ...body, requestMetadata: metadata })) };
}

/** Headers of a request that has no place for metadata in them: what a caller says there is not signed. */
function withoutMetadata(given: Headers): Headers {
  const headers = new Headers(given);
  headers.delete(METADATA_HEADER);
  return headers;
}

/** A body that cannot be read here might be read elsewhere, with metadata of the caller in it. */
function readObject(body: Uint8Array | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // the parser's own message quotes the text
  }
  throw new AttributionError('InvalidCallAttribution', 'the body of the call', [newProblem({
    code: 'body', path: 'body', got: `${body?.length ?? 0} bytes`, allowed: 'a JSON object in UTF-8, not compressed', remedy: 'correct it: it has to hold the request metadata',
  })]);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
