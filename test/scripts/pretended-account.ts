import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { isAllowed, type Authorization, type Statement } from '../support/evaluate-policy';

/** A refusal of any kind, as the services send it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number;
}

/** A profile as Amazon Bedrock tells of it, and what it wraps, which Bedrock does not tell. */
export interface Profile {
  readonly arn: string;
  readonly type: 'APPLICATION' | 'SYSTEM_DEFINED';
  readonly models: string[];
  readonly wraps?: string;
}

/** What an account is like. */
export interface Settings {
  readonly profiles: Profile[];
  /** What AWS is assumed to put into `bedrock:InferenceProfileArn` when a profile is called; nothing leaves the key out. */
  readonly keyOf: (called: Profile) => string | undefined;
  /** Whether calls are authorized on models at all. @default true */
  readonly authorizesModels?: boolean;
  /** What the role may do. @default - everything */
  readonly rolePolicy?: Statement[];
  /** The end of what AWS says when it refuses something, by the kind of policy that does not allow it. @default - as documented */
  readonly because?: (kind: string, action: string) => string;
  /** Instead of an answer to an operation. */
  readonly failures?: Readonly<Partial<Record<'AssumeRole' | 'GetInferenceProfile' | 'ListInferenceProfiles' | 'Converse', Failure>>>;
}

/** A call as it came in. */
export interface Received {
  readonly operation: string;
  readonly authorization: string;
  readonly body: string;
}

/** What both versions of HTTP can do with a response. */
interface Responding {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

type Answer = Failure | { readonly body: string };

const ALLOW_ALL: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

/**
 * The parts of an account that the probe talks to, over HTTP: the token service, and Amazon Bedrock, which authorizes a call of a profile
 * on the profile, on what it wraps and on every model, with the session policy that the role was assumed with.
 */
export class PretendedAccount {
  /** Listens on this machine only. */
  public static async start(settings: Settings): Promise<PretendedAccount> {
    const account = new PretendedAccount(settings);
    await Promise.all(account.servers.map(server => new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    })));
    return account;
  }

  /** Everything that was asked for, in order. */
  public readonly received: Received[] = [];

  private readonly sessions = new Map<string, Statement[]>();
  private readonly http1: Server;
  private readonly http2: http2.Http2Server;

  private constructor(private readonly settings: Settings) {
    // clients of the runtime speak HTTP/2 only
    this.http1 = createServer((request, response) => { this.serve(request, response); });
    this.http2 = http2.createServer((request, response) => { this.serve(request, response); });
  }

  /** The environment by which the SDK finds the account instead of AWS. */
  public get environment(): Record<string, string> {
    const [http1, runtime] = this.servers.map(server => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return { AWS_ENDPOINT_URL_STS: http1, AWS_ENDPOINT_URL_BEDROCK: http1, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: runtime };
  }

  /** Listens no more. */
  public async stop(): Promise<void> {
    this.http1.closeAllConnections();
    await Promise.all(this.servers.map(server => new Promise(resolve => server.close(resolve))));
  }

  private get servers(): (Server | http2.Http2Server)[] {
    return [this.http1, this.http2];
  }

  private serve(request: IncomingMessage | http2.Http2ServerRequest, response: Responding): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://localhost');
      const answer = this.answer(decodeURIComponent(url.pathname), {
        operation: operationOf(url.pathname), authorization: String(request.headers.authorization), body: Buffer.concat(chunks).toString(),
      });
      if ('body' in answer) {
        response.writeHead(200, {});
        response.end(answer.body);
      } else {
        response.writeHead(answer.status, { 'x-amzn-errortype': answer.name });
        const xml = `<ErrorResponse><Error><Code>${answer.name}</Code><Message>${answer.message}</Message></Error></ErrorResponse>`;
        response.end(operationOf(url.pathname) === 'AssumeRole' ? xml : JSON.stringify({ message: answer.message }));
      }
    });
  }

  private answer(path: string, received: Received): Answer {
    this.received.push(received);
    const failure = this.settings.failures?.[received.operation as 'Converse'];
    if (failure !== undefined) return failure;
    if (received.operation === 'AssumeRole') return this.assumeRole(new URLSearchParams(received.body));
    if (received.operation === 'ListInferenceProfiles') {
      return { body: JSON.stringify({ inferenceProfileSummaries: this.settings.profiles.filter(({ type }) => type === 'SYSTEM_DEFINED').map(summary) }) };
    }
    const profile = this.settings.profiles.find(({ arn }) => path.includes(arn));
    if (profile === undefined) return { name: 'ResourceNotFoundException', message: 'The profile does not exist.', status: 404 };
    return received.operation === 'Converse' ? this.converse(profile, received.authorization) : { body: JSON.stringify(summary(profile)) };
  }

  private assumeRole(form: URLSearchParams): Answer {
    const key = `SESSION${this.sessions.size}`;
    const policy = JSON.parse(form.get('Policy') ?? '') as { Statement: Statement[] };
    this.sessions.set(key, policy.Statement);
    const credentials = `<AccessKeyId>${key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`;
    return { body: `<AssumeRoleResponse><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>` };
  }

  private converse(profile: Profile, authorization: string): Answer {
    const session = this.sessions.get(/Credential=(\w+)\//.exec(authorization)?.[1] ?? '');
    const { rolePolicy = [ALLOW_ALL], because = (kind, action) => ` because no ${kind} policy allows the ${action} action` } = this.settings;
    const policies = { 'identity-based': rolePolicy, ...session === undefined ? {} : { session } };
    for (const authorized of this.authorizationsOf(profile)) {
      const refusing = Object.entries(policies).find(([, statements]) => !isAllowed(statements, [authorized]));
      if (refusing === undefined) continue;
      const { action, resource } = authorized;
      const user = 'arn:aws:sts::111122223333:assumed-role/probe/probe-inference-profile-arn';
      return { name: 'AccessDeniedException', status: 403, message: `User: ${user} is not authorized to perform: ${action} on resource: ${resource}${because(refusing[0], action)}` };
    }
    return { body: JSON.stringify({ output: { message: { role: 'assistant', content: [{ text: 'p' }] } }, stopReason: 'max_tokens', usage: {}, metrics: {} }) };
  }

  private authorizationsOf(profile: Profile): Authorization[] {
    const action = 'bedrock:InvokeModel';
    const key = this.settings.keyOf(profile);
    const context: Record<string, string> = key === undefined ? {} : { 'bedrock:InferenceProfileArn': key };
    return [
      { action: 'bedrock:GetInferenceProfile', resource: profile.arn },
      { action, resource: profile.arn },
      ...profile.wraps === undefined ? [] : [{ action, resource: profile.wraps }],
      ...this.settings.authorizesModels === false ? [] : profile.models.map(resource => ({ action, resource, context })),
    ];
  }
}

function operationOf(path: string): string {
  if (path === '/') return 'AssumeRole';
  if (path.endsWith('/converse')) return 'Converse';
  return path.endsWith('/inference-profiles') ? 'ListInferenceProfiles' : 'GetInferenceProfile';
}

function summary({ arn, type, models }: Profile): object {
  return { inferenceProfileArn: arn, inferenceProfileId: arn.split('/').at(-1), type, status: 'ACTIVE', models: models.map(modelArn => ({ modelArn })) };
}
