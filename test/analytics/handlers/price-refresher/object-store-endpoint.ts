import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that reached the endpoint. */
export interface ObjectCall {
  readonly operation: 'GetObject' | 'PutObject' | 'ListObjectsV2';
  /** The key, or the prefix of a list. */
  readonly key: string;
  /** Whether it was to be written only if there is no such object. */
  readonly onlyIfNew: boolean;
}

/** A failure that is ordered for calls of an operation. */
export interface ObjectFailure {
  readonly code: string;
  readonly status: number;
  /** Which keys it is about, all of them unless it is said. */
  readonly keys?: RegExp;
  /** How many calls fail, all of them unless it is said. */
  readonly times?: number;
}

/**
 * S3 as far as functions of this package read and write objects, over HTTP: whole objects, writes that take place only where there is no
 * object yet, and lists in pages.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export class ObjectStoreEndpoint {
  /** Starts on a free port of this machine. */
  public static async start(): Promise<ObjectStoreEndpoint> {
    const endpoint = new ObjectStoreEndpoint();
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  /** The objects, by their keys. */
  public readonly objects = new Map<string, string>();

  /** All requests, in their order. */
  public readonly calls: ObjectCall[] = [];

  /** Keys on a page of a list at most. */
  public pageSize = 1000;

  private failures: (ObjectFailure & { readonly operation: string; left: number })[] = [];
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  /** Address for the `endpoint` of SDK clients, with `forcePathStyle`. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Has calls of an operation fail. */
  public fail(operation: ObjectCall['operation'], failure: ObjectFailure): void {
    this.failures.push({ ...failure, operation, left: failure.times ?? Infinity });
  }

  /** The keys that were written, in the order of the calls that succeeded or not. */
  public get written(): string[] {
    return this.calls.filter(({ operation }) => operation === 'PutObject').map(({ key }) => key);
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '', 'http://store');
    const { status, body } = this.answer(request, url, Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  }

  private answer({ method, headers }: IncomingMessage, url: URL, text: string): { status: number; body: string } {
    const isList = url.searchParams.get('list-type') === '2';
    const key = isList ? url.searchParams.get('prefix') ?? '' : decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const onlyIfNew = headers['if-none-match'] === '*';
    const operation = isList ? 'ListObjectsV2' : method === 'PUT' ? 'PutObject' : 'GetObject';
    this.calls.push({ operation, key, onlyIfNew });
    const failure = this.failures.find(next => next.operation === operation && next.left > 0 && (next.keys?.test(key) ?? true));
    if (failure !== undefined) {
      failure.left--;
      return problem(failure.status, failure.code);
    }
    if (isList) return this.list(key, url.searchParams);
    if (operation === 'GetObject') return this.objects.has(key) ? { status: 200, body: this.objects.get(key)! } : problem(404, 'NoSuchKey');
    if (onlyIfNew && this.objects.has(key)) return problem(412, 'PreconditionFailed');
    this.objects.set(key, text);
    return { status: 200, body: '' };
  }

  private list(prefix: string, query: URLSearchParams): { status: number; body: string } {
    const delimiter = query.get('delimiter') ?? '';
    const keys = [...this.objects.keys()].sort()
      .filter(key => key.startsWith(prefix) && (delimiter === '' || !key.slice(prefix.length).includes(delimiter)));
    const start = Number(query.get('continuation-token') ?? 0);
    const end = start + this.pageSize;
    const body = [
      ...keys.slice(start, end).map(key => `<Contents><Key>${key}</Key></Contents>`),
      `<IsTruncated>${end < keys.length}</IsTruncated>`,
      ...end < keys.length ? [`<NextContinuationToken>${end}</NextContinuationToken>`] : [],
    ].join('');
    return { status: 200, body: `<ListBucketResult>${body}</ListBucketResult>` };
  }
}

function problem(status: number, code: string): { status: number; body: string } {
  return { status, body: `<Error><Code>${code}</Code><Message>ordered by a test</Message></Error>` };
}
