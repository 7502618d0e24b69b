import { record, type RecordFields } from './world';

/** A call as a test tells it. */
export type Call = Omit<RecordFields, 'requestId'> & {
  /** Of the tokens written to the cache, those written for an hour. Only bodies tell. */
  readonly cacheWrite1h?: number;
  /** Whether the stream broke off: such a record has no output count. */
  readonly isAborted?: boolean;
};

/** One line of a log file; the place of the call in the test makes its request id. */
export function loggedCall({ cacheWrite1h, isAborted = false, ...call }: Call, index: number): string {
  const fields = isAborted ? { ...call, operation: 'ConverseStream', output: undefined } : { output: 0, ...call };
  const line = JSON.parse(record({ ...fields, requestId: `request-${index}` })) as { output: Record<string, unknown> };
  if (cacheWrite1h !== undefined) line.output.outputBodyJson = { usage: { cache_creation: { ephemeral_1h_input_tokens: cacheWrite1h } } };
  return JSON.stringify(line);
}
