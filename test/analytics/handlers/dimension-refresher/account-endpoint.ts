import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An inference profile as Bedrock knows it. */
export interface KnownProfile {
  /** Left out of answers when it is empty. */
  readonly arn: string;
  readonly name: string;
  readonly type?: 'APPLICATION' | 'SYSTEM_DEFINED';
  readonly models: string[];
  readonly tags?: Record<string, string>;
}

/** A role or user as IAM knows it. */
export interface KnownPrincipal {
  /** Left out of answers when it is empty. */
  readonly arn: string;
  readonly tags?: Record<string, string>;
}

/** A failure that is ordered for calls of an operation. */
export interface OrderedFailure {
  readonly status: number;
  readonly code: string;
  /** Calls that succeed before; none unless it is said. */
  readonly after?: number;
  /** How many calls fail; all of them unless it is said. */
  readonly times?: number;
}

/** What a request asked for. */
export interface AccountCall {
  readonly operation: string;
  /** The service that the request is signed for. */
  readonly service: string;
  readonly region: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

class Refusal extends Error {
  public constructor(readonly status: number, readonly code: string) {
    super(`${code} was ordered`);
  }
}

/**
 * An account as far as the dimension refresher looks at it, over HTTP: Bedrock, the mantle endpoint, IAM and the bucket of the ledger. Each
 * speaks its own protocol, and a request goes to the one that it is signed for.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export class AccountEndpoint {
  /** Starts on a free port of this machine. */
  public static async start(): Promise<AccountEndpoint> {
    const endpoint = new AccountEndpoint();
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  public profiles: KnownProfile[] = [];
  public roles: KnownPrincipal[] = [];
  public users: KnownPrincipal[] = [];

  /** What the mantle endpoint lists, as it writes it. */
  public projects: { arn: string; id: string; name?: string; status?: string; tags?: object }[] = [];

  /** Texts of the objects of the bucket, by key. */
  public readonly objects = new Map<string, string>();

  /** Entries on a page of every list. */
  public pageSize = 100;

  /** All requests, in their order. */
  public readonly calls: AccountCall[] = [];

  /** The most requests that were under way at once. */
  public mostAtOnce = 0;

  /** How long an answer takes, in milliseconds. */
  public answerMs = 0;

  /** What happens once an object was read: somebody else may write it before the reader does. */
  public afterRead: (key: string) => void = () => undefined;

  /** Where the mantle endpoint says that its next page starts; after the last project of the page unless it is said. */
  public lastId?: string;

  private underWay = 0;
  private readonly failures = new Map<string, { failure: OrderedFailure; seen: number }>();
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  /** Address for the `endpoint` of clients. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Has calls of an operation fail. */
  public fail(operation: string, failure: OrderedFailure): void {
    this.failures.set(operation, { failure, seen: 0 });
  }

  /** Ends all failures that were ordered. */
  public recover(): void {
    this.failures.clear();
  }

  /** The calls of an operation. */
  public callsOf(operation: string): AccountCall[] {
    return this.calls.filter(call => call.operation === operation);
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.underWay);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const [, region = '', service = ''] = /Credential=[^/]*\/[^/]*\/([^/]*)\/([^/]*)\//.exec(request.headers.authorization ?? '') ?? [];
    const { status = 200, headers = {}, body: answer } = this.take(request, service, region, body);
    if (this.answerMs > 0) await new Promise(resolve => setTimeout(resolve, this.answerMs));
    this.underWay--;
    response.writeHead(status, { 'content-type': service === 's3' || service === 'iam' ? 'text/xml' : 'application/json', ...headers }).end(answer);
  }

  private take(request: IncomingMessage, service: string, region: string, body: string): Answer {
    const url = new URL(request.url ?? '', 'http://account');
    const query = service === 'iam' ? new URLSearchParams(body) : url.searchParams;
    const operation = operationOf(service, request.method ?? '', url);
    const name = operation === 'Query' ? query.get('Action') ?? '' : operation;
    this.calls.push({ operation: name, service, region, query, headers: request.headers });
    try {
      this.failIfOrdered(name);
      switch (service) {
        case 'bedrock': return this.bedrock(name, url, body);
        case 'bedrock-mantle': return this.mantle(url);
        case 'iam': return this.iam(name, query);
        case 's3': return this.s3(name, url, request.headers, body);
        default: throw new Refusal(400, `${service} is not played here`);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusalOf(service, error);
    }
  }

  private failIfOrdered(operation: string): void {
    const ordered = this.failures.get(operation);
    if (ordered === undefined) return;
    const { failure: { after = 0, times = Infinity, status, code } } = ordered;
    const place = ordered.seen++ - after;
    if (place >= 0 && place < times) throw new Refusal(status, code);
  }

  private bedrock(operation: string, url: URL, body: string): Answer {
    if (operation === 'ListTagsForResource') {
      const profile = this.profiles.find(({ arn }) => arn === (JSON.parse(body) as { resourceARN: string }).resourceARN);
      if (profile === undefined) throw new Refusal(404, 'ResourceNotFoundException');
      return { body: JSON.stringify({ tags: Object.entries(profile.tags ?? {}).map(([key, value]) => ({ key, value })) }) };
    }
    const type = url.searchParams.get('type');
    const { entries, next } = this.page(this.profiles.filter(profile => (profile.type ?? 'APPLICATION') === type), url.searchParams.get('nextToken'));
    const inferenceProfileSummaries = entries.map(({ arn, name, models }) => ({
      inferenceProfileArn: arn || undefined, inferenceProfileId: arn.split('/').at(-1), inferenceProfileName: name, status: 'ACTIVE', type,
      models: models.map(modelArn => ({ modelArn })),
    }));
    return { body: JSON.stringify({ inferenceProfileSummaries, nextToken: next }) };
  }

  private mantle(url: URL): Answer {
    const after = url.searchParams.get('after');
    const start = after === null ? 0 : this.projects.findIndex(({ id }) => id === after) + 1;
    const data = this.projects.slice(start, start + this.pageSize);
    const hasMore = start + this.pageSize < this.projects.length;
    return { body: JSON.stringify({ object: 'list', data, first_id: data[0]?.id, last_id: this.lastId ?? data.at(-1)?.id, has_more: hasMore }) };
  }

  private iam(action: string, query: URLSearchParams): Answer {
    const kind = action.includes('Role') ? 'Role' : 'User';
    const principals = kind === 'Role' ? this.roles : this.users;
    const members = (name: string, all: readonly string[]): Answer => {
      const { entries, next } = this.page(all, query.get('Marker'));
      const more = next === undefined ? '<IsTruncated>false</IsTruncated>' : `<IsTruncated>true</IsTruncated><Marker>${next}</Marker>`;
      const list = entries.map(entry => `<member>${entry}</member>`).join('');
      return { body: `<${action}Response><${action}Result><${name}>${list}</${name}>${more}</${action}Result></${action}Response>` };
    };
    if (action.endsWith('Tags')) {
      const principal = principals.find(({ arn }) => arn.split('/').at(-1) === query.get(`${kind}Name`));
      if (principal === undefined) throw new Refusal(404, 'NoSuchEntity');
      return members('Tags', Object.entries(principal.tags ?? {}).map(([key, value]) => `<Key>${key}</Key><Value>${value}</Value>`));
    }
    const below = principals.filter(({ arn }) => `/${arn.split('/').slice(1).join('/')}`.startsWith(query.get('PathPrefix') ?? '/'));
    return members(`${kind}s`, below.map(({ arn }) => `${arn === '' ? '' : `<Arn>${arn}</Arn>`}<${kind}Name>${arn.split('/').at(-1)}</${kind}Name>`));
  }

  private s3(operation: string, url: URL, headers: IncomingMessage['headers'], body: string): Answer {
    const key = url.pathname.split('/').slice(2).join('/');
    const current = this.objects.get(key);
    switch (operation) {
      case 'ListObjects': {
        const prefix = url.searchParams.get('prefix') ?? '';
        const keys = [...this.objects.keys()].filter(name => name.startsWith(prefix));
        return { body: `<ListBucketResult>${keys.map(name => `<Contents><Key>${name}</Key></Contents>`).join('')}<IsTruncated>false</IsTruncated></ListBucketResult>` };
      }
      case 'GetObject':
        if (current === undefined) throw new Refusal(404, 'NoSuchKey');
        this.afterRead(key);
        return { headers: { etag: etagOf(current) }, body: current };
      default:
        if (headers['if-none-match'] === '*' && current !== undefined) throw new Refusal(412, 'PreconditionFailed');
        if (headers['if-match'] !== undefined && (current === undefined || headers['if-match'] !== etagOf(current))) throw new Refusal(412, 'PreconditionFailed');
        this.objects.set(key, body);
        return { headers: { etag: etagOf(body) }, body: '' };
    }
  }

  private page<T>(all: readonly T[], token: string | null): { entries: T[]; next?: string } {
    const start = Number(token ?? 0);
    const end = start + this.pageSize;
    return { entries: all.slice(start, end), ...end < all.length ? { next: String(end) } : {} };
  }
}

function operationOf(service: string, method: string, url: URL): string {
  switch (service) {
    case 'bedrock': return url.pathname.startsWith('/inference-profiles') ? 'ListInferenceProfiles' : 'ListTagsForResource';
    case 'bedrock-mantle': return 'ListProjects';
    case 's3': return url.searchParams.get('list-type') === '2' ? 'ListObjects' : method === 'PUT' ? 'PutObject' : 'GetObject';
    default: return 'Query';
  }
}

function refusalOf(service: string, { status, code, message }: Refusal): Answer {
  if (service === 's3') return { status, body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>` };
  if (service === 'iam') return { status, body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
  return { status, headers: { 'x-amzn-errortype': code }, body: JSON.stringify({ message }) };
}

function etagOf(text: string): string {
  return `"${createHash('md5').update(text).digest('hex')}"`;
}
