import { stampHeaders } from '../adapters/stamp-headers';
import type { Stamper } from '../adapters/stamper';
import type { PlainRequest } from '../signing';

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
];

const MODEL_PATH = /^(?<before>.*?\/model\/)(?<model>.+)\/(?<end>[a-z-]+)$/;

/**
 * A request to bedrock-runtime with its model routed, and with what the call is stamped with.
 *
 * @throws AttributionError where the options of the attribution ask for it
 */
export function stampRequest(calls: Stamper, request: PlainRequest, region: string): PlainRequest {
  if (request.method !== 'POST') return request;
  const { before = '', model = '', end = '' } = MODEL_PATH.exec(request.url.pathname)?.groups ?? {};
  const operation = OPERATIONS[end];
  if (operation === undefined) {
    const uncarried = UNCARRIED.find(([path]) => request.url.pathname.endsWith(path));
    if (uncarried !== undefined) calls.warnUncarried(uncarried[1]);
    return request;
  }
  const url = new URL(request.url);
  if (calls.routes) url.pathname = `${before}${encodeURIComponent(calls.route(decodeURIComponent(model), region, operation.name))}/${end}`;
  return { ...operation.carriedAs === 'map' ? withMap(calls, request, operation) : withHeader(calls, request, operation), url };
}

function withHeader(calls: Stamper, request: PlainRequest, { name }: Operation): PlainRequest {
  return { ...request, headers: stampHeaders(calls, request.headers, name) };
}

function withMap(calls: Stamper, request: PlainRequest, { name }: Operation): PlainRequest {
  const body = readObject(request.body);
  // the service says better what is wrong with such a body
  if (body === undefined) return request;
  const { metadata } = calls.stamp(name, undefined, body.requestMetadata ?? undefined);
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return { ...request, headers, body: new TextEncoder().encode(JSON.stringify({ ...body, requestMetadata: metadata })) };
}

function readObject(body: Uint8Array | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}
