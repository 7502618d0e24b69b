import { isUtf8 } from 'node:buffer';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createGunzip, gunzipSync } from 'node:zlib';
import { UsageError } from '../usage-error';

/** Above this the file is read piece by piece. */
const WHOLE_FILE_LIMIT = 8 * 1024 * 1024;
const WHOLE_TEXT_LIMIT = 64 * 1024 * 1024;
/** A record with two inline bodies of 100 KB each stays far below it. */
export const LONGEST_LINE = 8 * 1024 * 1024;

const NEWLINE = 10;

/** What is wrong with a file as a whole; its readable lines still count. */
export interface FileProblem {
  readonly why: string;
}

/** A block of whole lines, each ending in a newline, and what is wrong with the file they are from. */
export interface WholeFile {
  readonly lines: Buffer;
  readonly problem?: FileProblem;
}

/**
 * Reads a log file of ordinary size at once, decompressed to the last byte: a gzip is checked against its own length and checksum, since
 * a plain reader gives the first half of a truncated file without an error. Synchronous, because the files are many and small, and the
 * engine works on threads of its own meanwhile.
 *
 * @returns `undefined` when the file is large or damaged, and is to be read in pieces
 * @throws UsageError when the file cannot be opened
 */
export function readWholeLogFile(path: string): WholeFile | undefined {
  let bytes: Buffer;
  try {
    if (statSync(path).size > WHOLE_FILE_LIMIT) return undefined;
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(`${JSON.stringify(path)} cannot be read: ${(error as Error).message}`);
  }
  if (!isGzip(bytes)) {
    const problem = plainProblem(path, bytes);
    return problem ? { lines: Buffer.alloc(0), problem } : { lines: clean(asLines(bytes)) };
  }
  try {
    // one output buffer of the size that the trailer announces: growing one by one costs as much as decompressing
    const announced = bytes.readUInt32LE(bytes.length - 4);
    const chunkSize = Math.min(Math.max(announced, 4096), WHOLE_TEXT_LIMIT);
    return { lines: clean(asLines(gunzipSync(bytes, { chunkSize, maxOutputLength: WHOLE_TEXT_LIMIT }))) };
  } catch {
    return undefined;
  }
}

/**
 * Hands the lines of a log file to `take` piece by piece. Of a damaged gzip the lines before the damage are handed over.
 *
 * @returns what is wrong with the file, or `undefined`
 */
export async function readLogFileInPieces(path: string, take: (lines: Buffer) => Promise<void>): Promise<FileProblem | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let problem: FileProblem | undefined;
  try {
    for await (const piece of isGzip(await firstBytes(path)) ? unzippedPieces(path) : createReadStream(path)) {
      const bytes = Buffer.concat([rest, piece as Buffer]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      if (end > 0) await take(clean(bytes.subarray(0, end)));
      // a line without end must not fill the memory: it is cut, and both parts are malformed
      rest = bytes.length - end > LONGEST_LINE ? Buffer.from('(line too long)') : bytes.subarray(end);
    }
  } catch (error) {
    problem = { why: gzipProblem(error as NodeJS.ErrnoException) };
  }
  // the line that damage has cut is part of the file's problem
  if (rest.length > 0 && !problem) await take(clean(asLines(rest)));
  return problem;
}

/** What a gzip file holds, up to where it is damaged: there it throws. */
async function* unzippedPieces(path: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let ready: Buffer[] = [];
  gunzip.on('data', (piece: Buffer) => ready.push(piece));
  const failed = new Promise<Error>(resolve => gunzip.on('error', resolve));
  const done = async (start: (callback: () => void) => void): Promise<Error | undefined> =>
    Promise.race([failed, new Promise<undefined>((resolve) => { start(() => { resolve(undefined); }); })]);
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes(path) })) {
    const error = await done(callback => gunzip.write(piece as Buffer, callback));
    yield Buffer.concat(ready);
    ready = [];
    if (error) throw error;
  }
  const error = await done(callback => gunzip.once('end', callback).end());
  yield Buffer.concat(ready);
  if (error) throw error;
}

/** What zlib made of the piece that holds the damage is lost: the smaller the pieces of a small file, the more of it is kept. */
function pieceBytes(path: string): number {
  return statSync(path).size > WHOLE_FILE_LIMIT ? 64 * 1024 : 512;
}

async function firstBytes(path: string): Promise<Buffer> {
  for await (const piece of createReadStream(path, { end: 1 })) return piece as Buffer;
  return Buffer.alloc(0);
}

function isGzip(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** A name that promises gzip over bytes that are none; a decompressed download under its old name is fine. */
function plainProblem(path: string, bytes: Buffer): FileProblem | undefined {
  if (!path.toLowerCase().endsWith('.gz')) return undefined;
  if (bytes.length === 0) return { why: 'truncated gzip: the file is empty' };
  const start = bytes.subarray(0, 64).toString('latin1').trimStart();
  return start.startsWith('{') && isUtf8(bytes) ? undefined : { why: 'not a gzip file: it does not start with the gzip header' };
}

function gzipProblem(error: NodeJS.ErrnoException): string {
  if (error.code === 'Z_BUF_ERROR') return 'truncated gzip: it ends before its trailer; the lines before the cut are used';
  if (error.code?.startsWith('Z_')) return `corrupt gzip (${error.message}); the lines before the damage are used`;
  throw error;
}

/**
 * One record per line. A file that holds one JSON document over many lines (pretty-printed, or a list) is put on one line per record.
 */
function asLines(bytes: Buffer): Buffer {
  const first = bytes.indexOf(NEWLINE);
  const firstLine = bytes.subarray(0, first < 0 ? bytes.length : first).toString('utf8').trim();
  if ((firstLine === '{' || firstLine.startsWith('['))) {
    try {
      const document = JSON.parse(bytes.toString('utf8')) as unknown;
      const records = Array.isArray(document) ? document : [document];
      return Buffer.from(records.map(record => `${JSON.stringify(record)}\n`).join(''));
    } catch {
      // not one document either: its lines are judged one by one
    }
  }
  return bytes.length === 0 || bytes[bytes.length - 1] === NEWLINE ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Leaves every line in its place, and no byte in it that could trip a reader of lines: JSON allows none of them inside a string. */
function clean(bytes: Buffer): Buffer {
  let text = bytes;
  if (!isUtf8(text)) text = Buffer.from(text.toString('utf8'));
  if (text.subarray(0, 3).equals(BYTE_ORDER_MARK)) text = text.subarray(3);
  if (text.includes(13) || text.includes(1) || text.includes(0)) {
    text = Buffer.from(text);
    for (let at = 0; at < text.length; at++) if (text[at] === 13 || text[at] === 1 || text[at] === 0) text[at] = 32;
  }
  return text.length > LONGEST_LINE ? blankLongLines(text) : text;
}

/** A line that no reader takes is kept as a malformed one, so that it is counted and named. */
function blankLongLines(text: Buffer): Buffer {
  const lines: Buffer[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf(NEWLINE, start);
    const end = newline < 0 ? text.length : newline + 1;
    lines.push(end - start > LONGEST_LINE ? Buffer.from('(line too long)\n') : text.subarray(start, end));
    start = end;
  }
  return Buffer.concat(lines);
}
