import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest } from 'node:http2';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Refusal, refusalAnswer } from './answer';
import { answerBedrock } from './bedrock-runtime';
import { answerMantle, DEFAULT_PROJECT, type MantleProject } from './mantle';
import { type ModelOutput, USUAL_OUTPUT } from './model-output';
import { type Order, OrderBook } from './orders';
import { readRequest, type RecordedRequest, type ServiceName } from './recorded-request';
import { checkRequestMetadata } from './request-metadata';
import { type AnyResponse, resetConnection, sendAnswer } from './send-answer';
import { checkSignature, type KnownKey } from './signature';
import { answerSsm } from './ssm';
import { assumeRole, assumeRoleAnswer, type StsSession } from './sts';

export type { MantleProject, ModelOutput, Order, RecordedRequest, ServiceName, StsSession };

/** Credentials in the form that SDK clients take. */
export interface EndpointCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** How a service is down: connections break, or it answers 503. */
export type Outage = 'reset' | 'unavailable';

/**
 * The services of AWS that a client of Bedrock calls, as far as they are called: bedrock-runtime, STS, Systems Manager and bedrock-mantle,
 * on one port, over HTTP/1.1 and HTTP/2 without TLS. It checks signatures and what the services check, and keeps all that has reached it.
 */
export class AwsEndpoint {
  /** Starts on a free port of this machine. */
  public static async start(): Promise<AwsEndpoint> {
    const endpoint = new AwsEndpoint();
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', 1024, resolve));
    return endpoint;
  }

  /** Keys of a user: what it assumes is no chain of roles. */
  public readonly credentials: EndpointCredentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };

  /** The key for Bedrock that is sent as a bearer token. */
  public readonly apiKey = 'bedrock-api-key-of-the-endpoint';

  /** All requests that were read to their end, in that order, refused ones too. */
  public readonly requests: RecordedRequest[] = [];

  /** Parameters of Systems Manager: values by name. */
  public readonly parameters = new Map<string, string>();

  /** Projects of bedrock-mantle by id. */
  public readonly projects = new Map<string, MantleProject>();

  /** The clock by which sessions are handed out and expire, in milliseconds since 1970. */
  public clock: () => number = Date.now;

  /** What all models answer. */
  public output: ModelOutput = USUAL_OUTPUT;

  private readonly sessions = new Map<string, StsSession>();
  private readonly orders = new OrderBook();
  private readonly outages = new Map<ServiceName, Outage>();
  private readonly sockets = new Set<Socket>();
  private waiting: { readonly operation: string; readonly count: number; readonly resolve: () => void }[] = [];

  // connections stay until one side ends: an idle one that is closed meanwhile would fail a call at random
  private readonly http1 = createServer({ keepAliveTimeout: 0 }, (request, response) => void this.serve(request, response));
  private readonly http2 = createHttp2Server((request, response) => void this.serve(request, response));
  private readonly server = createSocketServer(socket => {
    this.accept(socket);
  });

  private constructor() {
    this.reset();
  }

  /** Address for the `endpoint` of SDK clients. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Has the next calls of an operation answered otherwise than usual. */
  public order(operation: string, order: Order): void {
    this.orders.add(operation, order);
  }

  /** Takes a service down until `up` or `reset`. */
  public down(service: ServiceName, outage: Outage = 'reset'): void {
    this.outages.set(service, outage);
  }

  public up(service: ServiceName): void {
    this.outages.delete(service);
  }

  /** The session to which an access key belongs. */
  public session(accessKeyId: string | undefined): StsSession | undefined {
    return accessKeyId === undefined ? undefined : this.sessions.get(accessKeyId);
  }

  /** Requests to an operation, in their order. */
  public requestsOf(operation: string): RecordedRequest[] {
    return this.requests.filter(request => request.operation === operation);
  }

  /** Resolves as soon as so many requests to an operation have arrived, answered or not. */
  public async arrived(operation: string, count = 1): Promise<void> {
    if (this.requestsOf(operation).length >= count) return;
    await new Promise<void>(resolve => this.waiting.push({ operation, count, resolve }));
  }

  /** Ends everything that was ordered and set, and forgets all requests and sessions. */
  public reset(): void {
    this.requests.length = 0;
    this.parameters.clear();
    this.projects.clear();
    this.projects.set(DEFAULT_PROJECT.id, DEFAULT_PROJECT);
    this.clock = Date.now;
    this.output = USUAL_OUTPUT;
    this.sessions.clear();
    this.orders.clear();
    this.outages.clear();
    this.waiting = [];
  }

  public async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise(resolve => this.server.close(resolve));
  }

  /** Clients of bedrock-runtime speak HTTP/2 by default, all others HTTP/1.1: the first byte of the preface tells. */
  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    // a client that breaks off is no failure of the endpoint
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      (first.toString('latin1', 0, 3) === 'PRI' ? this.http2 : this.http1).emit('connection', socket);
    });
  }

  private async serve(arriving: IncomingMessage | Http2ServerRequest, response: AnyResponse): Promise<void> {
    try {
      const read = await readRequest(arriving);
      const check = read.bearerToken === undefined ? checkSignature(read, id => this.knownKey(id), this.clock()) : {};
      const { refusal, ...signed } = check;
      const request: RecordedRequest = { ...read, ...signed };
      this.record(request);
      if (this.outages.get(request.service) === 'reset') {
        resetConnection(response);
        request.outcome = 'aborted';
        return;
      }
      const order = this.orders.take(request) ?? {};
      if (order.delayMs !== undefined) await sleep(order.delayMs);
      await order.until;
      request.outcome = await sendAnswer(response, this.answer(request, order, refusal), order);
    } catch {
      // the client has broken off while its request was read
      response.destroy();
    }
  }

  private record(request: RecordedRequest): void {
    this.requests.push(request);
    if (this.waiting.length === 0) return;
    const served = this.waiting.filter(({ operation, count }) => this.requestsOf(operation).length >= count);
    this.waiting = this.waiting.filter(waiter => !served.includes(waiter));
    for (const { resolve } of served) resolve();
  }

  private answer(request: RecordedRequest, order: Order, refusal: Refusal | undefined): Answer {
    try {
      if (this.outages.has(request.service)) throw new Refusal('ServiceUnavailable', 'Service Unavailable', 503);
      if (refusal !== undefined) throw refusal;
      if (request.bearerToken !== undefined && request.bearerToken !== this.apiKey) {
        throw new Refusal('AccessDeniedException', 'Authentication failed: Please make sure your API Key is valid.');
      }
      if (order.code !== undefined) throw new Refusal(order.code, order.message ?? order.code, order.status);
      const usual = this.answerService(request);
      return { ...usual, status: order.status ?? usual.status, body: order.body === undefined ? usual.body : JSON.stringify(order.body) };
    } catch (error) {
      const refused = error instanceof Refusal ? error : new Refusal('InternalServerException', String(error), 500);
      return refusalAnswer(request.service, request.path, refused);
    }
  }

  private answerService(request: RecordedRequest): Answer {
    switch (request.service) {
      case 'bedrock-runtime':
        checkRequestMetadata(request);
        return answerBedrock(request, this.output);
      case 'ssm': return answerSsm(request, this.parameters);
      case 'bedrock-mantle': return answerMantle(request, this.output, this.projects);
      case 'sts': return this.answerSts(request);
    }
  }

  private answerSts(request: RecordedRequest): Answer {
    if (request.operation !== 'AssumeRole') throw new Refusal('InvalidAction', `Could not find operation ${request.operation} for version 2011-06-15`);
    const session = assumeRole(request, this.session(request.accessKeyId), this.clock());
    this.sessions.set(session.accessKeyId, session);
    return assumeRoleAnswer(session);
  }

  private knownKey(accessKeyId: string): KnownKey | undefined {
    return accessKeyId === this.credentials.accessKeyId ? this.credentials : this.sessions.get(accessKeyId);
  }
}
