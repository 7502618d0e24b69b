import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { call, isRefusedWith, type Patience } from '../../../private/handlers/calls.lambda-shared';
import { messageOf } from '../../../private/handlers/passing-errors.lambda-shared';
import type { History } from './history.lambda-shared';
import { RefreshError } from './refresh-error.lambda-shared';

/** Where a dimension of an account is kept: one JSON object a line. */
export interface DimensionFile {
  readonly bucket: string;
  readonly key: string;
  /** The column that tells its rows apart. */
  readonly arnColumn: string;
}

/** A file as it was read: its text, and what tells this version from the next. */
interface Version {
  readonly text: string;
  readonly etag: string;
}

/** How often a file is read anew because somebody else has written it. */
const MOST_ATTEMPTS = 5;

/** How S3 says that a file is not what it was, is being written, or was deleted since it was found. */
const CONFLICTS = ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'];

const DAY = /^\d{4}-\d\d-\d\d$/;

/**
 * Changes a file if it is not changed by somebody else meanwhile, else starts from what they have written. A file that would stay as it is,
 * is not written.
 *
 * @returns whether it was written
 * @throws when the file cannot be read as a whole: what is not understood is not overwritten
 */
export async function changeFile<Row extends History>(
  s3: S3Client, file: DimensionFile, patience: Patience, change: (former: Row[]) => Row[],
): Promise<boolean> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    try {
      const former = await readFile(s3, file, patience);
      const text = change(parseRows<Row>(former?.text ?? '', file)).map(row => `${JSON.stringify(row)}\n`).join('');
      if (text === (former?.text ?? '')) return false;
      await writeFile(s3, file, text, former, patience);
      return true;
    } catch (error) {
      if (!isRefusedWith(error, ...CONFLICTS)) throw error;
      await patience.timing.sleep(1000 * patience.timing.random());
    }
  }
  throw new RefreshError(`${addressOf(file)} was written by somebody else ${MOST_ATTEMPTS} times in a row; the next refresh tries again, so look at who does`);
}

/** Looked for in the list first: asked for a file that is not there, S3 refuses it to who may list its folder only. */
async function readFile(s3: S3Client, { bucket, key }: DimensionFile, patience: Patience): Promise<Version | undefined> {
  const { Contents = [] } = await call('s3:ListBucket', patience, () => s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key })));
  if (!Contents.some(({ Key }) => Key === key)) return undefined;
  return call('s3:GetObject', patience, async () => {
    const { Body, ETag = '' } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { text: await Body?.transformToString() ?? '', etag: ETag };
  });
}

async function writeFile(
  s3: S3Client, { bucket, key }: DimensionFile, text: string, former: Version | undefined, patience: Patience,
): Promise<void> {
  await call('s3:PutObject', patience, () => s3.send(new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: text,
    ContentType: 'application/x-ndjson',
    ...former === undefined ? { IfNoneMatch: '*' } : { IfMatch: former.etag },
  })));
}

function parseRows<Row extends History>(text: string, file: DimensionFile): Row[] {
  const arns = new Set<unknown>();
  return text.split('\n').flatMap((line, index) => {
    if (line === '') return [];
    const problem = (what: string): RefreshError =>
      new RefreshError(`${addressOf(file)}, line ${index + 1}: ${what}; put back a former version of the file, which is not touched meanwhile`);
    const row = parseLine(line, problem);
    const { [file.arnColumn]: arn, first_seen: first, last_seen: last, deleted_on: deleted } = row;
    if (typeof arn !== 'string') throw problem(`it has no ${file.arnColumn}`);
    if (arns.has(arn)) throw problem(`${JSON.stringify(arn)} is there twice`);
    if (!isDay(first) || !isDay(last) || !(deleted === null || isDay(deleted))) {
      throw problem(`first_seen, last_seen and deleted_on are ${JSON.stringify([first, last, deleted])} and not days`);
    }
    arns.add(arn);
    return [row as unknown as Row];
  });
}

function parseLine(line: string, problem: (what: string) => RefreshError): Record<string, unknown> {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (error) {
    throw problem(messageOf(error));
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw problem('it is no JSON object');
  return row as Record<string, unknown>;
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && DAY.test(value);
}

function addressOf({ bucket, key }: DimensionFile): string {
  return `s3://${bucket}/${key}`;
}
