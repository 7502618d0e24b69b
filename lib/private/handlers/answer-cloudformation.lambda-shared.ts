import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Timing } from './retry.lambda-shared';

/** How a request of CloudFormation ended. */
export interface Outcome {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalResourceId: string;
  /** Shown in the events of the stack. */
  readonly reason: string;
  /** What `Fn::GetAtt` gives. Entries from the end are left out where an answer with all of them would be too long. */
  readonly data?: Readonly<Record<string, string>>;
}

/** Sends the body to the signed address with an HTTP PUT and resolves to the status code. */
export type SendAnswer = (url: string, body: string) => Promise<number>;

/** The answer did not get through to CloudFormation. */
class AnswerNotTakenError extends Error {}

const ATTEMPTS = 5;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (read 2026-11-21) */
const LONGEST_ANSWER_BYTES = 4_096;

/** What is left for the reason: the other fields of an answer without data take at most about 1,400 bytes. */
const LONGEST_REASON_BYTES = 2_500;

/**
 * Tells CloudFormation how its request ended, trying again when the answer does not get through.
 *
 * @throws when it never gets through, so that Lambda runs the whole request again
 */
export async function answer(event: CloudFormationCustomResourceEvent, outcome: Outcome, send: SendAnswer, timing: Timing): Promise<void> {
  const body = withData({
    Status: outcome.status,
    Reason: shorten(outcome.reason),
    PhysicalResourceId: outcome.physicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  }, Object.entries(outcome.data ?? {}));
  for (let attempt = 1; ; attempt++) {
    const problem = await trySend(send, event.ResponseURL, body);
    if (problem === undefined) return;
    if (attempt === ATTEMPTS) throw new AnswerNotTakenError(`CloudFormation did not take the answer in ${ATTEMPTS} attempts: ${problem}`);
    await timing.sleep(2 ** attempt * 500 * (1 + timing.random()));
  }
}

/** The address is signed for an empty content type, so that is what has to be sent. */
export const sendByHttp: SendAnswer = async (url, body) => {
  const response = await fetch(url, {
    method: 'PUT', headers: { 'content-type': '' }, body: Buffer.from(body), signal: AbortSignal.timeout(10_000),
  });
  return response.status;
};

/** What kept an answer from getting through. The address is a secret: whoever has it can answer, so it never becomes part of a message. */
async function trySend(send: SendAnswer, url: string, body: string): Promise<string | undefined> {
  try {
    const status = await send(url, body);
    return status >= 200 && status < 300 ? undefined : `HTTP status ${status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown error';
  }
}

/** Cuts a text to what an answer may carry, counted as it stands in JSON, in whole characters. */
function shorten(reason: string): string {
  const note = ' … (cut; the whole text is in the log of the function)';
  const size = (text: string): number => Buffer.byteLength(JSON.stringify(text));
  if (size(reason) <= LONGEST_REASON_BYTES) return reason;
  const characters = Array.from(reason);
  while (size(characters.join('') + note) > LONGEST_REASON_BYTES) characters.length -= Math.ceil(characters.length / 50);
  return characters.join('') + note;
}

function withData(answer: object, data: readonly [string, string][]): string {
  const body = JSON.stringify({ ...answer, Data: Object.fromEntries(data) });
  return Buffer.byteLength(body) <= LONGEST_ANSWER_BYTES || data.length === 0 ? body : withData(answer, data.slice(0, -1));
}
