import { readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine/engine';
import type { MalformedInput } from '../report/report-contract';
import { UsageError } from '../usage-error';
import { type FileProblem, LONGEST_LINE, readLogFileInPieces, readWholeLogFile } from './read-log-file';

/** A chunk is loaded at once, one thread per part: enough to keep DuckDB busy while the next is read, little enough to stay constant. */
const PARTS_PER_CHUNK = 4;
/** Decompressed bytes after which a part is closed. */
const PART_BYTES = 16 * 1024 * 1024;
/** Malformed lines beyond this many are counted, not named. */
export const NAMED_AT_MOST = 1000;
const NEWLINE = 10;
/** Amazon Bedrock writes this line when it checks its permission to log: no record, and nothing wrong either. */
const PERMISSION_CHECK = 'Permissions are correctly set for Amazon Bedrock logs.';

/** The fields of a record that cost needs. What stands beside them is never read, least of all prompts and completions. */
const SHAPE = JSON.stringify({
  schemaType: 'VARCHAR', schemaVersion: 'VARCHAR', timestamp: 'VARCHAR', accountId: 'VARCHAR', region: 'VARCHAR', requestId: 'VARCHAR',
  operation: 'VARCHAR', modelId: 'VARCHAR', inferenceRegion: 'VARCHAR', errorCode: 'VARCHAR', identity: { arn: 'VARCHAR' },
  requestMetadata: 'MAP(VARCHAR, VARCHAR)',
  input: { inputTokenCount: 'BIGINT', cacheReadInputTokenCount: 'BIGINT', cacheWriteInputTokenCount: 'BIGINT' },
  output: { outputTokenCount: 'BIGINT', outputBodyJson: { 'usage': 'JSON', 'stopReason': 'VARCHAR', 'amazon-bedrock-guardrailAction': 'VARCHAR' } },
});

const CREATE_TABLES = `
CREATE TABLE log_lines (
  chunk INTEGER, malformed VARCHAR, schematype VARCHAR, schemaversion VARCHAR, "timestamp" VARCHAR, accountid VARCHAR, region VARCHAR,
  requestid VARCHAR, operation VARCHAR, modelid VARCHAR, inferenceregion VARCHAR, errorcode VARCHAR, identity STRUCT(arn VARCHAR),
  requestmetadata MAP(VARCHAR, VARCHAR),
  "input" STRUCT(inputtokencount BIGINT, cachereadinputtokencount BIGINT, cachewriteinputtokencount BIGINT),
  "output" STRUCT(outputtokencount BIGINT, outputbodyjson VARCHAR));
CREATE VIEW invocation_logs AS SELECT * EXCLUDE (chunk, malformed) FROM log_lines WHERE requestid IS NOT NULL`;

/** Of a body only what it says of usage and guardrails is kept, as JSON text: that is how the table on Athena shows it. */
const BODY = `CASE
  WHEN record.output.outputBodyJson.usage IS NOT NULL OR record.output.outputBodyJson.stopReason IS NOT NULL
    OR record.output.outputBodyJson."amazon-bedrock-guardrailAction" IS NOT NULL
  THEN cast(to_json(record.output.outputBodyJson) AS VARCHAR)
  -- the body of a stream is a list of events: of these only a guardrail that stepped in tells more than the counts
  WHEN record.output.outputTokenCount IS NULL AND regexp_matches(line, '"amazon-bedrock-guardrailAction"\\s*:\\s*"INTERVENED"')
  THEN '{"amazon-bedrock-guardrailAction":"INTERVENED"}' END`;

/** What loading found out beside the records. */
export interface LoadedLogs {
  /** Records of requests, duplicates included. */
  readonly records: number;
  readonly malformedLines: number;
  /** The first of them, by file and line. */
  readonly malformed: MalformedInput[];
}

/** Stands in where no logs were given, so that every view has something to read. */
export async function createEmptyLogs(engine: Engine): Promise<LoadedLogs> {
  await engine.run(CREATE_TABLES);
  return { records: 0, malformedLines: 0, malformed: [] };
}

/**
 * Loads log files into the table `invocation_logs`, chunk by chunk: while DuckDB takes one, the next is read and checked.
 *
 * @param onProgress called with the number of files read
 * @throws UsageError when not one of the files can be read
 */
export async function loadLogs(
  engine: Engine, files: readonly string[], onProgress: (done: number) => void = () => undefined,
): Promise<LoadedLogs> {
  await engine.run(CREATE_TABLES);
  const chunks = new ChunkLoader(engine);
  const problems: MalformedInput[] = [];
  let unreadable = 0;
  for (const [index, file] of files.entries()) {
    const whole = readWholeLogFile(file);
    const bytesBefore = chunks.bytes;
    const problem = whole ? whole.problem : await addInPieces(chunks, file);
    if (whole) await chunks.add(file, whole.lines);
    if (problem) problems.push({ file, line: null, why: problem.why });
    if (problem && chunks.bytes === bytesBefore) unreadable++;
    onProgress(index + 1);
  }
  await chunks.finish();
  if (unreadable === files.length) throw new UsageError(`none of the ${files.length} log file(s) can be read; ${JSON.stringify(problems[0].file)}: ${problems[0].why}`);
  return {
    records: Number((await engine.rows('SELECT count(*) AS n FROM invocation_logs'))[0].n),
    malformedLines: problems.length + chunks.malformedLines,
    malformed: [...problems, ...chunks.malformed].sort(byFileAndLine).slice(0, NAMED_AT_MOST),
  };
}

async function addInPieces(chunks: ChunkLoader, file: string): Promise<FileProblem | undefined> {
  let linesBefore = 0;
  return readLogFileInPieces(file, async (lines) => {
    await chunks.add(file, lines, linesBefore);
    linesBefore += countLines(lines);
  });
}

function byFileAndLine(a: MalformedInput, b: MalformedInput): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}

/** Where a block of lines stands in a chunk. */
interface Span {
  readonly file: string;
  /** Lines of the file in earlier blocks. */
  readonly linesBefore: number;
  readonly start: number;
  readonly end: number;
}

interface Part {
  readonly path: string;
  readonly spans: readonly Span[];
}

/** Collects lines into chunks and has DuckDB parse one while the next is filled. */
class ChunkLoader {
  /** Bytes taken so far. */
  bytes = 0;
  malformedLines = 0;
  readonly malformed: MalformedInput[] = [];
  private chunk = 0;
  private parts: Part[] = [];
  private blocks: Buffer[] = [];
  private spans: Span[] = [];
  private size = 0;
  private loading: Promise<void> = Promise.resolve();

  constructor(private readonly engine: Engine) {}

  async add(file: string, lines: Buffer, linesBefore = 0): Promise<void> {
    if (lines.length === 0) return;
    this.spans.push({ file, linesBefore, start: this.size, end: this.size + lines.length });
    this.blocks.push(lines);
    this.size += lines.length;
    this.bytes += lines.length;
    if (this.size >= PART_BYTES) await this.closePart();
    if (this.parts.length === PARTS_PER_CHUNK) await this.loadParts();
  }

  async finish(): Promise<void> {
    await this.closePart();
    await this.loadParts();
    await this.loading;
  }

  private async closePart(): Promise<void> {
    if (this.size === 0) return;
    const { blocks, spans } = this;
    this.blocks = [];
    this.spans = [];
    this.size = 0;
    const path = join(this.engine.folder, `chunk-${this.chunk}-${this.parts.length}.jsonl`);
    await writeFile(path, Buffer.concat(blocks));
    this.parts.push({ path, spans });
  }

  private async loadParts(): Promise<void> {
    if (this.parts.length === 0) return;
    const { parts, chunk } = this;
    this.parts = [];
    this.chunk++;
    await this.loading;
    this.loading = this.load(chunk, parts);
    // an error is thrown where the load is waited for
    this.loading.catch(() => undefined);
  }

  private async load(chunk: number, parts: readonly Part[]): Promise<void> {
    const paths = parts.map(({ path }) => `'${path.replaceAll("'", "''")}'`).join(', ');
    try {
      await this.engine.run(insertLines(chunk, paths, 'line'));
    } catch {
      // a line that is no JSON at all: every line is now checked before it is parsed, which costs half as much again
      await this.engine.run(insertLines(chunk, paths, 'try_cast(line AS JSON)'));
    }
    const lines = await this.engine.rows(`SELECT malformed AS line, count(*) AS times FROM log_lines
      WHERE chunk = ${chunk} AND malformed IS NOT NULL GROUP BY malformed`);
    if (lines.length > 0) {
      this.malformedLines += lines.reduce((sum, { times }) => sum + Number(times), 0);
      const malformed = new Set(lines.map(({ line }) => String(line)));
      for (const part of parts) this.name(part, malformed);
    }
    for (const { path } of parts) rmSync(path);
  }

  /** The reader of lines knows no line numbers: the few chunks with malformed lines are read a second time to name them. */
  private name({ path, spans }: Part, malformed: ReadonlySet<string>): void {
    const bytes = readFileSync(path);
    for (const span of spans) {
      if (this.malformed.length >= NAMED_AT_MOST) return;
      bytes.subarray(span.start, span.end).toString('utf8').split('\n').forEach((line, index) => {
        if (malformed.has(line) && this.malformed.length < NAMED_AT_MOST) {
          this.malformed.push({ file: span.file, line: span.linesBefore + index + 1, why: whyMalformed(line) });
        }
      });
    }
  }
}

function insertLines(chunk: number, paths: string, json: string): string {
  return `INSERT INTO log_lines
    SELECT ${chunk}, CASE WHEN is_record OR trim(line) IN ('', '${PERMISSION_CHECK}') THEN NULL ELSE line END,
      record.schemaType, record.schemaVersion, record.timestamp, record.accountId, record.region, CASE WHEN is_record THEN record.requestId END,
      record.operation, record.modelId, record.inferenceRegion, record.errorCode, record.identity, record.requestMetadata, record.input,
      {'outputtokencount': record.output.outputTokenCount, 'outputbodyjson': ${BODY}}
    FROM (
      SELECT line, record, coalesce(record.requestId <> '' AND coalesce(record.schemaType, 'ModelInvocationLog') = 'ModelInvocationLog', false) AS is_record
      FROM (
        SELECT line, from_json(${json}, '${SHAPE}') AS record
        FROM read_csv([${paths}], delim = '\u0001', quote = '', escape = '', header = false, auto_detect = false,
          columns = {'line': 'VARCHAR'}, max_line_size = ${LONGEST_LINE + 1})
      )
    )`;
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(NEWLINE); at >= 0; at = lines.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function whyMalformed(line: string): string {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return 'not a JSON object';
  if ('schemaType' in document && document.schemaType !== 'ModelInvocationLog') return `schemaType is ${JSON.stringify(document.schemaType)}, not "ModelInvocationLog"`;
  return 'no requestId';
}
