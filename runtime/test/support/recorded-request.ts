import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

/** Services that one endpoint plays. */
export type ServiceName = 'bedrock-runtime' | 'sts' | 'ssm' | 'bedrock-mantle';

/** JSON of which the endpoint knows no more than that it is an object. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what arrives is judged by tests, each of which knows its shape
export type Fields = Record<string, any>;

/** Header of the two invoke operations that carries request metadata. */
export const METADATA_HEADER = 'x-amzn-bedrock-request-metadata';

/** Headers in lower case, of which any may be missing. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>;

/** A request that reached the endpoint. */
export interface RecordedRequest {
  readonly service: ServiceName;
  /** Name of the operation, such as `Converse`; `Unknown` for a path that is not played. */
  readonly operation: string;
  readonly method: string;
  /** Path as it was sent, with the query. */
  readonly path: string;
  /** Model, inference profile or ARN, decoded. */
  readonly modelId?: string;
  /** Headers in lower case. HTTP/2 has `:authority`, and `host` from it. */
  readonly headers: RequestHeaders;
  readonly body: string;
  /** The body, when it is a JSON object. */
  readonly json?: Fields;
  /** The attribution of the request, from the header or the body, whichever the operation has. */
  readonly requestMetadata?: Readonly<Record<string, string>>;
  readonly bearerToken?: string;
  /** Who signed; `undefined` when nobody did. */
  readonly accessKeyId?: string;
  readonly signedHeaders?: readonly string[];
  /** Whether the signature fits the request; `undefined` when there is none. */
  readonly signatureValid?: boolean;
  /** How it ended: the whole answer was sent, the endpoint broke off as it was ordered to, or the client left. */
  outcome?: 'answered' | 'aborted' | 'client-gone';
}

interface Target {
  readonly service: ServiceName;
  readonly operation: string;
  readonly modelId?: string;
}

/** Reads a request to its end, and tells which service and operation it is for. */
export async function readRequest(request: IncomingMessage | Http2ServerRequest): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const headers = flatHeaders(request.headers);
  const method = String(request.method);
  const path = String(request.url);
  const json = parseObject(body);
  const target = targetOf(method, path, headers, body);
  const authorization = headers.authorization ?? '';
  return {
    ...target,
    method,
    path,
    headers,
    body,
    json,
    requestMetadata: target.operation.startsWith('InvokeModel')
      ? parseObject(headers[METADATA_HEADER] ?? '')
      : json?.requestMetadata as Fields | undefined,
    // the Messages API of Anthropic takes its key in a header of its own as well
    bearerToken: /^Bearer (.+)$/i.exec(authorization)?.[1] ?? headers['x-api-key'],
  };
}

function flatHeaders(headers: IncomingHttpHeaders): RequestHeaders {
  const flat: RequestHeaders = Object.fromEntries(Object.entries(headers)
    // clients sign :authority in place of host; the other pseudo headers are method and path
    .filter(([name]) => !name.startsWith(':') || name === ':authority')
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]));
  return flat[':authority'] === undefined ? flat : { host: flat[':authority'], ...flat };
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const MODEL_OPERATIONS: Readonly<Record<string, string | undefined>> = {
  'POST invoke': 'InvokeModel',
  'POST invoke-with-response-stream': 'InvokeModelWithResponseStream',
  'POST converse': 'Converse',
  'POST converse-stream': 'ConverseStream',
  'POST count-tokens': 'CountTokens',
};

const PATHS: readonly (readonly [pattern: RegExp, service: ServiceName, operation: string])[] = [
  [/^POST \/async-invoke$/, 'bedrock-runtime', 'StartAsyncInvoke'],
  [/^GET \/async-invoke$/, 'bedrock-runtime', 'ListAsyncInvokes'],
  [/^GET \/async-invoke\/[^/]+$/, 'bedrock-runtime', 'GetAsyncInvoke'],
  [/^POST \/guardrail\/[^/]+\/version\/[^/]+\/apply$/, 'bedrock-runtime', 'ApplyGuardrail'],
  [/^POST \/openai\/v1\/chat\/completions$/, 'bedrock-runtime', 'ChatCompletions'],
  [/^POST \/openai\/v1\/responses$/, 'bedrock-runtime', 'Responses'],
  [/^POST \/v1\/chat\/completions$/, 'bedrock-mantle', 'ChatCompletions'],
  [/^POST \/v1\/responses$/, 'bedrock-mantle', 'Responses'],
  [/^POST \/anthropic\/v1\/messages$/, 'bedrock-mantle', 'Messages'],
  [/^GET \/v1\/organization\/projects$/, 'bedrock-mantle', 'ListProjects'],
  [/^GET \/v1\/organization\/projects\/[^/]+$/, 'bedrock-mantle', 'GetProject'],
  [/^\S+ \/(v1|anthropic)\//, 'bedrock-mantle', 'Unknown'],
];

/** One port for all services: they are told apart by header, form and path. */
function targetOf(method: string, path: string, headers: RequestHeaders, body: string): Target {
  const target = headers['x-amz-target'];
  if (target?.startsWith('AmazonSSM.')) return { service: 'ssm', operation: target.slice('AmazonSSM.'.length) };
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return { service: 'sts', operation: new URLSearchParams(body).get('Action') ?? 'Unknown' };
  }
  const [pathname] = path.split('?');
  const model = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(pathname);
  if (model !== null) {
    const operation = MODEL_OPERATIONS[`${method} ${model[2]}`] ?? 'Unknown';
    return { service: 'bedrock-runtime', operation, modelId: decodeURIComponent(model[1]) };
  }
  const found = PATHS.find(([pattern]) => pattern.test(`${method} ${pathname}`));
  return found === undefined ? { service: 'bedrock-runtime', operation: 'Unknown' } : { service: found[1], operation: found[2] };
}
