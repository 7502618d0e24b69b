import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Random } from '../../cli/src/demo/random';

/** What logs are written, all in the delivery layout of one account and Region. */
export interface LogsToWrite {
  readonly invocations: number;
  /** Characters of prompt and answer together that each record carries; 0 when bodies are not logged. */
  readonly bodyBytes: number;
  /** First hour of the calls, in UTC. */
  readonly start: Date;
  /** The calls are spread over so many hours. */
  readonly hours: number;
}

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';

const HOUR = 3_600_000;
/** Amazon Bedrock delivers every few minutes, and a file holds what was called meanwhile. */
const RECORDS_PER_FILE = 500;
/** Prompts are longer than answers. */
const PROMPT_SHARE = 0.75;
const TEAMS = 20;
const SERVICES_PER_TEAM = 3;
const MODELS = ['amazon.nova-micro-v1:0', 'amazon.nova-lite-v1:0', 'us.amazon.nova-pro-v1:0'];

const compress = promisify(gzip);

/** The folder of such logs below a folder that keeps them from run to run, and what they take on disk, compressed. */
export async function cachedLogs(cache: string, logs: LogsToWrite): Promise<{ folder: string; bytes: number; files: number }> {
  const day = logs.start.toISOString().slice(0, 10);
  const folder = join(cache, `${logs.invocations}-calls-${logs.bodyBytes}-bytes-${day}-${logs.hours}-hours`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}-unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    await writeLogs(unfinished, logs);
    renameSync(unfinished, folder);
  }
  const files = filesBelow(folder);
  return { folder, files: files.length, bytes: files.reduce((sum, path) => sum + statSync(path).size, 0) };
}

/** Writes logs: of a hundred records one failed, and one is delivered again in the hour after. */
export async function writeLogs(folder: string, { invocations, bodyBytes, start, hours }: LogsToWrite): Promise<void> {
  const random = new Random(invocations + bodyBytes);
  const text = bodyBytes === 0 ? '' : proseOf(random, 1 << 23);
  let again: string[] = [];
  for (let hour = 0; hour < hours; hour++) {
    const from = start.getTime() + hour * HOUR;
    const lines = again;
    again = [];
    const [first, last] = [hour, hour + 1].map(at => Math.floor(at * invocations / hours));
    for (let call = first; call < last; call++) {
      const line = record(random, from + Math.floor((call - first) * HOUR / (last - first)), text, bodyBytes);
      lines.push(line);
      if (hour < hours - 1 && random.chance(0.01)) again.push(line);
    }
    const stamp = new Date(from).toISOString();
    const place = join(folder, 'AWSLogs', ACCOUNT, 'BedrockModelInvocationLogs', REGION, stamp.slice(0, 13).replaceAll(/[-T]/g, '/'));
    mkdirSync(place, { recursive: true });
    const names = Array.from({ length: Math.ceil(lines.length / RECORDS_PER_FILE) }, () => `${stamp.replaceAll(/[-:.]/g, '')}_${random.hex(16)}.json.gz`);
    await Promise.all(names.map(async (name, index) =>
      writeFile(join(place, name), await compress(lines.slice(index * RECORDS_PER_FILE, (index + 1) * RECORDS_PER_FILE).join('')))));
  }
}

/** One line of a log file, its newline included. */
function record(random: Random, ms: number, text: string, bodyBytes: number): string {
  const team = random.integer(1, TEAMS);
  const service = `${team}-${random.integer(1, SERVICES_PER_TEAM)}`;
  const [input, output] = [tokens(random), tokens(random)];
  const cached = random.chance(0.3) ? tokens(random) : undefined;
  const hasFailed = random.chance(0.01);
  const promptBytes = Math.round(bodyBytes * PROMPT_SHARE);
  const isLogged = bodyBytes > 0 && !hasFailed;
  const fields = {
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: `${new Date(ms).toISOString().slice(0, 19)}Z`,
    accountId: ACCOUNT,
    region: REGION,
    requestId: random.uuid(),
    operation: 'Converse',
    modelId: random.pick(MODELS),
    identity: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/service-${service}/session-${random.integer(1, 20)}` },
    requestMetadata: { team: `team-${team}`, service: `service-${service}`, env: 'prod', feature: `feature-${random.integer(1, 8)}` },
    ...hasFailed ? { errorCode: 'ThrottlingException', input: {}, output: {} } : {
      input: {
        inputContentType: 'application/json',
        inputBodyJson: isLogged ? { messages: [{ role: 'user', content: [{ text: piece(random, text, promptBytes) }] }] } : undefined,
        inputTokenCount: input,
        cacheReadInputTokenCount: cached,
      },
      output: {
        outputContentType: 'application/json',
        outputBodyJson: isLogged ? {
          output: { message: { role: 'assistant', content: [{ text: piece(random, text, bodyBytes - promptBytes) }] } },
          stopReason: 'end_turn',
          metrics: { latencyMs: random.integer(300, 9000) },
          usage: { inputTokens: input, outputTokens: output, totalTokens: input + output },
        } : undefined,
        outputTokenCount: output,
      },
    },
  };
  return `${JSON.stringify(fields)}\n`;
}

/** From tens to thousands, small counts more often. */
function tokens(random: Random): number {
  return Math.round(Math.exp(3 + 5 * random.next()));
}

/** A stretch of a text that is far longer than what a compressor looks back. */
function piece(random: Random, text: string, length: number): string {
  const start = random.integer(0, text.length - length);
  return text.slice(start, start + length);
}

/** Words as often as those of a language are, by the law of Zipf, so that they compress about as well. */
function proseOf(random: Random, length: number): string {
  const [starts, vowels, ends] = ['b c d f g h j k l m n p r s t v w z st tr', 'a e i o u ea', ' n r s t'].map(letters => letters.split(' '));
  const syllables = Array.from({ length: 400 }, () => `${random.pick(starts)}${random.pick(vowels)}${random.pick(ends)}`);
  // frequent words are short
  const wordOf = (rank: number): string => Array.from({ length: 1 + Math.min(3, Math.floor(Math.log10(rank + 1))) }, () => random.pick(syllables)).join('');
  const words = Array.from({ length: 20_000 }, (_, rank) => wordOf(rank));
  const parts: string[] = [];
  for (let written = 0; written < length;) {
    const word = words[Math.floor(Math.exp(random.next() * Math.log(words.length)))];
    parts.push(word, random.chance(0.08) ? '. ' : ' ');
    written += word.length + 1;
  }
  return parts.join('');
}

/** The paths of all files of a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}
