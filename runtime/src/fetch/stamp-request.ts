import { newProblem } from '../../../lib/schema/new-problem';
import { stampHeaders } from '../adapters/stamp-headers';
import { AttributionError } from '../attribution-error';
import { METADATA_HEADER } from '../attribution-middleware';
import { CARRIED_AS, type CarryingOperation } from '../carrying-operations';
import { jsonObject } from '../json-object';
import type { PlainRequest } from '../signing';
import type { Stamper } from '../stamper';

/** The operations that carry request metadata, by the ends of their paths. */
const OPERATIONS: Readonly<Record<string, CarryingOperation | undefined>> = {
  'invoke': 'InvokeModel',
  'invoke-with-response-stream': 'InvokeModelWithResponseStream',
  'converse': 'Converse',
  'converse-stream': 'ConverseStream',
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
  const model = calls.route(segments.slice(start + 1, -1).join('/'), region, operation);
  const url = new URL(request.url);
  url.pathname = [...segments.slice(0, start + 1), model, segments.at(-1) ?? ''].map(encodeURIComponent).join('/');
  if (CARRIED_AS[operation] === 'header') return { ...request, headers: stampHeaders(calls, request.headers, operation), url };
  return { ...withMap(calls, request, operation), url };
}

function withMap(calls: Stamper, request: PlainRequest, operation: CarryingOperation): PlainRequest {
  const body = readObject(request.body);
  const { metadata } = calls.stamp(operation, undefined, body.requestMetadata ?? undefined);
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
function readObject(body: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  const value = jsonObject(new TextDecoder().decode(body));
  if (value !== undefined) return value;
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
