/**
 * What the client adds to a call of Amazon Bedrock:
 *
 * - time: calls without it, calls whose call site sends the same pairs itself, the same through two steps that do nothing, and calls with
 *   it, in turns, of an endpoint on this machine that runs in a process of its own and answers at once, or after some milliseconds;
 * - processor: what the stamp of a call takes alone, and what a stamped call of the SDK takes more than a bare one where no network is;
 * - credentials: what it takes to have those of a tenant whose session is there.
 *
 * What is compared is measured side by side in one run, and only the ratios say something about another machine. A goal that is missed is
 * told; the exit code is another than 0 only when something could not be measured.
 *
 * Usage: npm run bench:runtime [-- <calls>]
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { BedrockRuntimeClient, type BedrockRuntimeClientConfig, ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { attribution, defineAttributionSchema } from '../runtime/dist/cjs';
import { TenantCredentials } from '../runtime/dist/cjs/tenants';

const ROUNDS = 15;
const ANSWER = JSON.stringify({
  output: { message: { role: 'assistant', content: [{ text: 'An answer of a model. '.repeat(40) }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 400, outputTokens: 200, totalTokens: 600 },
  metrics: { latencyMs: 1 },
});
const MODEL = 'eu.amazon.nova-lite-v1:0';
const text = 'A question to a model. '.repeat(80);
const COMMANDS = {
  Converse: (requestMetadata?: Pairs) => new ConverseCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text }] }], requestMetadata }),
  InvokeModel: (requestMetadata?: Pairs) => new InvokeModelCommand({
    modelId: MODEL,
    contentType: 'application/json',
    body: JSON.stringify({ inputText: text }),
    requestMetadata: requestMetadata === undefined ? undefined : JSON.stringify(requestMetadata),
  }),
} satisfies Record<string, MakeCommand>;

type Pairs = Record<string, string>;
type MakeCommand = (requestMetadata?: Pairs) => ConverseCommand | InvokeModelCommand;

const schema = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'service', description: 'Service that makes the call.', required: true },
    { name: 'env', description: 'Stage that the service runs in.', required: true, allowedValues: ['dev', 'prod'] },
    { name: 'feature', description: 'Feature of the service that makes the call.' },
    { name: 'request_id', description: 'Request that led to the call.', cardinality: 'high' },
    { name: 'tenant', description: 'Tenant in whose name the call is made.', cardinality: 'low' },
  ],
});
const base = { team: 'payments', service: 'checkout', env: 'prod' } as const;
const calls = attribution(schema, base);

const quantile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];
const median = (values: readonly number[]): number => quantile(values, 0.5);
const goal = (measured: number, most: number): string => `(goal: ${most}, ${measured <= most ? 'met' : 'missed'})`;

type Way = () => Promise<unknown>;

/**
 * Ways to make a call: bare, with pairs that the call site sends itself, the same by a client with two steps that do nothing, which is the
 * least that any plug-in costs, and stamped. Each call has values of its own.
 */
type Ways = readonly [bare: Way, byHand: Way, plugged: Way, stamped: Way];

let requests = 0;
const own = (): Pairs => ({ feature: 'summary', request_id: `request-${requests++}` });

function waysOf(make: MakeCommand, config: BedrockRuntimeClientConfig): Ways {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
  const [bare, plugged, stamped] = [1, 2, 3].map(() => new BedrockRuntimeClient({ region: 'eu-west-1', credentials, maxAttempts: 1, ...config }));
  plugged.middlewareStack.add(next => args => next(args), { name: 'first', step: 'initialize' });
  plugged.middlewareStack.add(next => args => next(args), { name: 'second', step: 'build' });
  stamped.middlewareStack.use(calls);
  const send = async (client: BedrockRuntimeClient, metadata?: Pairs): Promise<unknown> => client.send(make(metadata) as ConverseCommand);
  return [
    () => send(bare),
    () => send(bare, { ...base, ...own() }),
    () => send(plugged, { ...base, ...own() }),
    () => calls.withAttribution(own(), () => send(stamped)),
  ];
}

/** The endpoint: its address is its first line of output, and it ends when its input does. */
function serve(milliseconds: number): void {
  const server = createServer((request, response) => {
    const answer = (): void => { response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER); };
    request.resume().on('end', () => {
      if (milliseconds === 0) answer();
      else setTimeout(answer, milliseconds);
    });
  });
  server.listen(0, '127.0.0.1', () => { console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`); });
  process.stdin.resume().on('end', () => process.exit());
}

/** Milliseconds of each call by the ways to make it, which take turns in going first. */
async function measureTime(ways: Ways, count: number): Promise<number[][]> {
  const times: number[][] = ways.map(() => []);
  for (let round = -Math.min(500, count); round < count; round++) {
    for (const [turn] of ways.entries()) {
      const way = (turn + Math.abs(round)) % ways.length;
      const started = performance.now();
      await ways[way]();
      if (round >= 0) times[way].push(performance.now() - started);
    }
  }
  return times;
}

/** Microseconds of the processor that each run of a function takes, at most parallel with nothing. */
async function processor(count: number, fn: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index++) await fn();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** The same for functions that need no waiting. */
function processorAtOnce(count: number, fn: () => unknown): number {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index++) fn();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** Medians of several rounds, the first of which does not count. */
async function medianOf(measure: () => number | Promise<number>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) rounds.push(await measure());
  return median(rounds.slice(1));
}

async function printTimes(make: MakeCommand, name: string, count: number, milliseconds: number): Promise<void> {
  const server = spawn(process.execPath, ['--import', 'tsx', __filename, 'serve', String(milliseconds)], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const endpoint = await new Promise<string>((resolve, reject) => {
      createInterface(server.stdout).once('line', resolve).once('close', () => { reject(new Error('the endpoint has not started')); });
    });
    const times = await measureTime(waysOf(make, { endpoint }), count);
    const [bare, byHand, plugged, stamped] = times.map(median);
    const slow = times.map(each => quantile(each, 0.99).toFixed(3));
    const ratio = stamped / bare;
    console.log(`${name}, ${count.toLocaleString('en-US')} calls each way, answered ${milliseconds === 0 ? 'at once' : `after ${milliseconds} ms`}`);
    const columns = ([one, two, three, four]: string[]): string => `${one} ms bare, ${two} ms with pairs by hand, ${three} ms with two empty steps too, ${four} ms stamped`;
    console.log(`  p50 ${columns([bare, byHand, plugged, stamped].map(each => each.toFixed(3)))}`);
    console.log(`  p99 ${columns(slow)}`);
    console.log(`  stamped to bare ${ratio.toFixed(3)} ${goal(ratio, 1.02)}; empty steps with pairs to bare ${(plugged / bare).toFixed(3)}`);
  } finally {
    server.stdin.end();
  }
}

/** An HTTP handler that answers from memory. */
const fromMemory = {
  handle: async () => Promise.resolve({
    response: { statusCode: 200, headers: { 'content-type': 'application/json' }, body: Readable.from([Buffer.from(ANSWER)]) },
  }),
};

async function printProcessor(): Promise<void> {
  const fresh = await medianOf(() => processorAtOnce(20_000, () => calls.withAttribution(own(), () => calls.stamp('Converse'))));
  const shared = await medianOf(() => calls.withAttribution(own(), () => processorAtOnce(100_000, () => calls.stamp('Converse'))));
  console.log(`\nprocessor per call, medians of ${ROUNDS} rounds`);
  console.log(`stamp, values of its own         ${fresh.toFixed(2)} µs ${goal(fresh, 10)}`);
  console.log(`stamp, values that calls share   ${shared.toFixed(2)} µs ${goal(shared, 10)}`);

  for (const [name, make] of Object.entries<MakeCommand>(COMMANDS)) {
    const ways = waysOf(make, { requestHandler: fromMemory as never });
    const rounds: number[][] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const taken: number[] = [];
      for (const way of ways) taken.push(await processor(300, way));
      rounds.push(taken);
    }
    const [bare, byHand, plugged, stamped] = ways.map((_, way) => median(rounds.slice(1).map(taken => taken[way])).toFixed(0));
    console.log(`${name.padEnd(33)}${bare} µs bare, ${byHand} µs with pairs by hand, ${plugged} µs with two empty steps too, ${stamped} µs stamped`);
  }
}

async function printCredentials(): Promise<void> {
  const answer = {
    Credentials: { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret', SessionToken: 'token', Expiration: new Date(Date.now() + 3_600_000) },
    $metadata: { attempts: 1 },
  } satisfies AssumeRoleCommandOutput;
  const tenants = new TenantCredentials(schema, {
    client: { send: async () => Promise.resolve(answer) },
    roleArn: 'arn:aws:iam::777788889999:role/tenants',
    attribution: base,
    sessionKeys: ['tenant'],
  });
  const session = tenants.session({ tenant: 'acme' });
  await session.credentials();
  const claims = { sub: 'somebody', tenant: 'acme' };
  const hit = await medianOf(async () => processor(50_000, async () => session.credentials()));
  const request = await medianOf(async () => processor(50_000, async () => tenants.forRequest(claims).credentials()));
  console.log(`\nprocessor per call whose tenant has a session, medians of ${ROUNDS} rounds`);
  console.log(`credentials                      ${hit.toFixed(2)} µs ${goal(hit, 2)}`);
  console.log(`claims checked, and credentials  ${request.toFixed(2)} µs`);
}

async function main(count: number): Promise<void> {
  for (const [name, make] of Object.entries<MakeCommand>(COMMANDS)) await printTimes(make, name, count, 0);
  // a model takes longer, and the more of a call that is, the less weighs what is done to it here
  await printTimes(COMMANDS.Converse, 'Converse', Math.ceil(count / 10), 20);
  await printProcessor();
  await printCredentials();
}

const [argument = '5000', milliseconds = '0'] = process.argv.slice(2);
if (argument === 'serve') {
  serve(Number(milliseconds));
} else {
  main(Number(argument)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
