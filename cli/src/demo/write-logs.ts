import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { groupBy } from './group-by';
import { hourFolder, isoSeconds, type LogRecord } from './log-records';
import type { Random } from './random';
import { recordJson } from './record-json';

/** A line that is no record, by its place. */
export interface MalformedLine {
  /** Path below the folder of the month, with forward slashes. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly why: string;
}

const RECORDS_PER_FILE = 50;
const PERMISSION_CHECK = 'Permissions are correctly set for Amazon Bedrock logs.';

/** Lines that are no records, one for each of the first files. */
const DAMAGE: readonly { text: string; why: string }[] = [
  { text: '{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timest', why: 'cut off' },
  { text: '{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","operation":"Converse","modelId":"amazon.nova-micro-v1:0"}', why: 'no request id' },
  { text: 'upstream connect error or disconnect/reset before headers', why: 'no JSON' },
];

/** Writes the records in the layout of an S3 delivery, with everything that lies between them there. */
export function writeLogs(random: Random, folder: string, records: readonly LogRecord[]): MalformedLine[] {
  const hours = groupBy([...records].sort((a, b) => a.deliveredAt - b.deliveredAt), record => folderOf(record));
  const malformed: MalformedLine[] = [];
  let index = 0;
  for (const [hour, inFile] of [...hours].flatMap(([folderOfHour, inHour]) => inFiles(inHour).map(some => [folderOfHour, some] as const))) {
    const name = `${hour}/${fileStamp(inFile[0].deliveredAt)}_${random.hex(16)}.json.gz`;
    const lines = inFile.map(recordJson);
    if (index > 0 && index <= DAMAGE.length) {
      const { text, why } = DAMAGE[index - 1];
      lines.splice(1, 0, text);
      malformed.push({ file: name, line: 2, why });
    }
    if (index === 0) lines.unshift(PERMISSION_CHECK);
    write(folder, name, gzipSync(`${lines.join('\n')}\n`));
    for (const { offloaded } of inFile) {
      if (offloaded !== undefined) write(folder, `${hour}/data/${offloaded}`, gzipSync(JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'A long contract.' }] }] })));
    }
    index++;
  }
  for (const region of new Set(records.map(record => regionFolder(record)))) write(folder, `${region}/amazon-bedrock-logs-permission-check`, '');
  return malformed.sort((a, b) => a.file < b.file ? -1 : 1);
}

/** Amazon Bedrock delivers every few minutes: a busy hour has many files, and none of them is large. */
function inFiles(records: readonly LogRecord[]): (readonly LogRecord[])[] {
  const count = Math.ceil(records.length / RECORDS_PER_FILE);
  return Array.from({ length: count }, (_, index) => records.slice(index * RECORDS_PER_FILE, (index + 1) * RECORDS_PER_FILE));
}

function regionFolder({ call: { workload } }: LogRecord): string {
  return `logs/AWSLogs/${workload.account}/BedrockModelInvocationLogs/${workload.region}`;
}

function folderOf(record: LogRecord): string {
  return `${regionFolder(record)}/${hourFolder(record.deliveredAt)}`;
}

/** `20261005T142231123Z`. */
function fileStamp(ms: number): string {
  return `${isoSeconds(ms).slice(0, 19).replaceAll(/[-:]/g, '')}000Z`;
}

function write(folder: string, name: string, content: string | Buffer): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
