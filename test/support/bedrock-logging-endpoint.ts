import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** An operation of the model invocation logging API. */
export type Operation = 'Put' | 'Get' | 'Delete';

/** A failure that can be ordered. */
export interface Failure {
  /** Name of the exception. */
  readonly name: string;
  readonly message: string;
  readonly status: number;
  /** The connection breaks instead of an answer: before the service does anything, or after it has done what was asked. */
  readonly connection?: 'lost before' | 'lost after';
}

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_PutModelInvocationLoggingConfiguration.html#API_PutModelInvocationLoggingConfiguration_Errors */
export const THROTTLED: Failure = { name: 'ThrottlingException', message: 'Too many requests, please wait before trying again.', status: 429 };
export const ACCESS_DENIED: Failure = { name: 'AccessDeniedException', message: 'You are not authorized to perform this operation.', status: 403 };
export const SERVER_FAULT: Failure = { name: 'InternalServerException', message: 'The request processing has failed.', status: 500 };
export const LOST_CONNECTION: Failure = { name: '', message: '', status: 0, connection: 'lost before' };
export const LOST_CONNECTION_AFTER: Failure = { name: '', message: '', status: 0, connection: 'lost after' };

/** A refusal that no waiting cures. */
export function invalid(message: string): Failure {
  return { name: 'ValidationException', message, status: 400 };
}

/**
 * What the service says when its test of a log group fails; also when the log group does not exist.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html for the permissions that it tests
 * @see https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/bedrock/model_invocation_logging_configuration.go for the text
 */
export function permissionsForLogGroup(logGroup: string, role: string): Failure {
  return invalid(`Failed to validate permissions for log group: ${logGroup}, with role: ${role}. Verify the IAM role permissions are correct.`);
}

/**
 * What the service says when its test of a bucket fails; also when it is the key of the bucket that refuses.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html for the permissions that it tests
 */
export function permissionsForBucket(bucket: string): Failure {
  return invalid(`Failed to validate permissions for bucket ${bucket}. Verify the S3 bucket policy.`);
}

/** A call that reached the endpoint. */
export interface Call {
  readonly operation: Operation;
  /** What was to be put. */
  readonly configuration?: object;
}

/** What AWS does not document; tests try every value. */
export interface Undocumented {
  /** Whether Get reports switches that were sent as false, or leaves them out. */
  readonly reportsFalse: boolean;
  /** Whether Get reports switches that were not sent as true, or does not report them. */
  readonly reportsUnsentAsTrue: boolean;
  /** Whether Get reports a key prefix as it was sent, or without or with a slash at its end, however it was sent. */
  readonly reportsPrefix: 'as sent' | 'without slash' | 'with slash';
}

const AS_SENT: Undocumented = { reportsFalse: true, reportsUnsentAsTrue: false, reportsPrefix: 'as sent' };

/** The one configuration of a Region, and what goes wrong with it. */
export class LoggingRegion {
  /** What is configured. Setting it is what somebody else does. */
  public live: object | undefined;
  /** All calls, in their order. */
  public readonly calls: Call[] = [];
  public undocumented: Undocumented = AS_SENT;
  /**
   * Stands for the service's test of the destinations: may leave something in them, and says why a configuration is refused, or that it is
   * not.
   */
  public validate: (configuration: object) => Failure | undefined | Promise<Failure | undefined> = () => undefined;
  private failures: { readonly operation: Operation; readonly failure: Failure; left: number }[] = [];
  private readonly delays = new Map<Operation, number>();

  /** Has the next so many calls of an operation fail; `Infinity` for all of them. */
  public fail(operation: Operation, failure: Failure, times: number): void {
    this.failures.push({ operation, failure, left: times });
  }

  /** Ends all failures that were ordered. */
  public recover(): void {
    this.failures = [];
  }

  /** Has the answers of an operation come so many milliseconds after it was done. */
  public delay(operation: Operation, milliseconds: number): void {
    this.delays.set(operation, milliseconds);
  }

  /** Forgets the configuration, the calls, and all that was ordered. */
  public reset(): void {
    this.live = undefined;
    this.calls.length = 0;
    this.undocumented = AS_SENT;
    this.validate = () => undefined;
    this.recover();
    this.delays.clear();
  }

  /** Takes a call, and does what it asks unless it is to fail. */
  public async take(call: Call): Promise<Failure | Success> {
    this.calls.push(call);
    const failure = await this.failureOf(call);
    const success = failure === undefined || failure.connection === 'lost after' ? this.do(call) : undefined;
    await setTimeout(this.delays.get(call.operation) ?? 0, undefined, { ref: false });
    return failure ?? success!;
  }

  private async failureOf({ operation, configuration }: Call): Promise<Failure | undefined> {
    const ordered = this.failures.find(next => next.operation === operation && next.left > 0);
    if (ordered !== undefined) ordered.left--;
    if (ordered !== undefined || operation !== 'Put') return ordered?.failure;
    const problem = problemOf(configuration);
    return problem === undefined ? this.validate(configuration!) : invalid(problem);
  }

  /**
   * Put replaces the whole configuration, whoever made it, and Delete succeeds where there is none, both with an empty body; Get leaves
   * `loggingConfig` out where there is none.
   *
   * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_PutModelInvocationLoggingConfiguration.html
   * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_DeleteModelInvocationLoggingConfiguration.html
   * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetModelInvocationLoggingConfiguration.html
   */
  private do({ operation, configuration }: Call): Success {
    if (operation === 'Put') this.live = configuration;
    if (operation === 'Delete') this.live = undefined;
    if (operation !== 'Get') return { body: '' };
    return { body: JSON.stringify(this.live === undefined ? {} : { loggingConfig: this.reported(this.live) }) };
  }

  private reported(live: object): unknown {
    const unsent = this.undocumented.reportsUnsentAsTrue ? Object.fromEntries(SWITCHES.map(name => [name, true])) : {};
    return this.reworded({ ...unsent, ...live });
  }

  private reworded(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value as Record<string, unknown>)
      .filter(([, child]) => child !== false || this.undocumented.reportsFalse)
      .map(([name, child]) => [name, name === 'keyPrefix' ? this.prefix(String(child)) : this.reworded(child)]));
  }

  private prefix(sent: string): string {
    const { reportsPrefix } = this.undocumented;
    if (reportsPrefix === 'as sent') return sent;
    return sent.replace(/\/+$/, '') + (reportsPrefix === 'with slash' ? '/' : '');
  }
}

/** What is answered when all went well. */
interface Success {
  readonly body: string;
}

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_LoggingConfig.html */
const SWITCHES = [
  'textDataDeliveryEnabled', 'imageDataDeliveryEnabled', 'embeddingDataDeliveryEnabled', 'videoDataDeliveryEnabled', 'audioDataDeliveryEnabled',
];

/**
 * Which texts a destination may have, by the name of their field; a key prefix may be left out, the others not.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_S3Config.html
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CloudWatchConfig.html
 */
const TEXTS: Readonly<Record<string, RegExp>> = {
  bucketName: /^.{3,63}$/s,
  keyPrefix: /^.{0,1024}$/s,
  logGroupName: /^.{1,512}$/s,
  roleArn: /^(?=.{0,2048}$)arn:aws(-[^:]+)?:iam::([0-9]{12})?:role\/.+$/s,
};

/** The fields of each destination that must be there. */
const REQUIRED: Readonly<Partial<Record<string, readonly string[]>>> = {
  s3Config: ['bucketName'],
  largeDataDeliveryS3Config: ['bucketName'],
  cloudWatchConfig: ['logGroupName', 'roleArn'],
};

/** What the documented model of the request forbids about a value, if anything; the service refuses it before it tests the destinations. */
function problemOf(value: unknown, path = 'loggingConfig'): string | undefined {
  const name = path.split('.').at(-1)!;
  if (name === 'loggingConfig' && value === undefined) return `${path} is required`;
  if (SWITCHES.includes(name) && typeof value !== 'boolean') return `${path} is no Boolean`;
  if (name in TEXTS && !(typeof value === 'string' && TEXTS[name].test(value))) return `${path} failed to satisfy a constraint: ${TEXTS[name].source}`;
  if (typeof value !== 'object' || value === null) return undefined;
  const missing = REQUIRED[name]?.find(field => !(field in value));
  if (missing !== undefined) return `${path}.${missing} is required`;
  return Object.entries(value).map(([field, child]) => problemOf(child, `${path}.${field}`)).find(problem => problem !== undefined);
}

/**
 * The model invocation logging API over HTTP, with one configuration per Region as AWS has it, and with failures as they are ordered.
 *
 * Like the service it knows no owner and no condition. It tests no destinations: what such a test says is ordered.
 */
export class BedrockLoggingEndpoint {
  /**
   * Listens on this machine only.
   *
   * @param options.port the port; a free one by default
   */
  public static async start({ port = 0 }: { readonly port?: number } = {}): Promise<BedrockLoggingEndpoint> {
    const endpoint = new BedrockLoggingEndpoint();
    await new Promise<void>((resolve, reject) => endpoint.server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return endpoint;
  }

  private readonly regions = new Map<string, LoggingRegion>();

  private constructor(private readonly server: Server = createServer()) {
    server.on('request', (request, response) => {
      this.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** The address that SDK clients are given as `endpoint`. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The configuration of a Region: each Region has its own. */
  public region(name: string): LoggingRegion {
    const region = this.regions.get(name) ?? new LoggingRegion();
    this.regions.set(name, region);
    return region;
  }

  /** Breaks all connections and listens no more. */
  public async stop(): Promise<void> {
    const closed = new Promise(resolve => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = request.url === '/logging/modelinvocations' ? OPERATIONS[request.method ?? ''] : undefined;
    const region = regionOf(request);
    if (operation === undefined) {
      refuse(response, { name: 'UnknownOperationException', message: 'There is no such operation.', status: 404 });
      return;
    }
    if (region === undefined) {
      refuse(response, { name: 'MissingAuthenticationTokenException', message: 'The request is not signed.', status: 403 });
      return;
    }
    const text = await textOf(request);
    const configuration = operation === 'Put' ? (JSON.parse(text) as { loggingConfig?: object }).loggingConfig : undefined;
    const outcome = await this.region(region).take({ operation, configuration });
    if ('body' in outcome) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(outcome.body);
    } else if (outcome.connection !== undefined) {
      request.socket.destroy();
    } else {
      refuse(response, outcome);
    }
  }
}

const OPERATIONS: Readonly<Record<string, Operation>> = { PUT: 'Put', GET: 'Get', DELETE: 'Delete' };

/**
 * The Region for which the request is signed: `Credential=<key>/<date>/<region>/bedrock/aws4_request`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
function regionOf(request: IncomingMessage): string | undefined {
  return /Credential=[^/]+\/\d+\/([^/]+)\/bedrock\//.exec(request.headers.authorization ?? '')?.[1];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization */
function refuse(response: ServerResponse, { name, message, status }: Failure): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name }).end(JSON.stringify({ message }));
}
