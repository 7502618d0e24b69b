import { hourFolder, isoSeconds, type LogRecord } from './log-records';
import { Random } from './random';
import { recordBody } from './record-bodies';
import { callerArn } from './world';

const ERRORS = ['ValidationException', 'ModelTimeoutException', 'ResourceNotFoundException', 'ServiceUnavailableException'];

/**
 * A record as one line of a log file.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export function recordJson(record: LogRecord): string {
  const random = new Random(record.textSeed);
  const { call, status, offloaded } = record;
  const { account, region, cacheCountsInBody = false, logsBodies = false } = call.workload;
  const isAnswered = status === 'complete' || status === 'partial';
  const contentType = 'application/json';
  const countsBeside = isAnswered && !cacheCountsInBody;
  const bucket = `s3://demo-bedrock-logs-${region}/AWSLogs/${account}/BedrockModelInvocationLogs/${region}/${hourFolder(record.deliveredAt)}`;
  const fields: [string, unknown][] = [
    ['schemaType', 'ModelInvocationLog'],
    ['schemaVersion', '1.0'],
    ['timestamp', record.ms === null ? impossibleDay(call.ms) : isoSeconds(record.ms)],
    ['accountId', account],
    ['region', region],
    ['requestId', call.requestId],
    ['operation', call.operation],
    ['modelId', call.target.modelId.replace('{region}', region).replace('{account}', account)],
    ['identity', { arn: callerArn(account, call.who) }],
    ['inferenceRegion', isAnswered && call.target.route !== 'regional' ? inferenceRegion(random, region) : undefined],
    ['requestMetadata', call.metadata],
    ['errorCode', status === 'failed' ? random.pick(ERRORS) : undefined],
    ['input', status === 'failed' ? {} : {
      inputContentType: contentType,
      inputBodyJson: logsBodies && isAnswered ? { messages: [{ role: 'user', content: [{ text: 'What is new?' }] }] } : undefined,
      inputBodyS3Path: offloaded && `${bucket}/data/${offloaded}`,
      inputTokenCount: record.input ?? undefined,
      cacheReadInputTokenCount: countsBeside ? record.cacheRead ?? undefined : undefined,
      cacheWriteInputTokenCount: countsBeside ? record.cacheWrite ?? undefined : undefined,
    }],
    ['output', status === 'failed' ? {} : {
      outputContentType: contentType,
      outputBodyJson: recordBody(record),
      outputTokenCount: record.output ?? undefined,
    }],
  ];
  // records of different ages order their keys differently
  return JSON.stringify(Object.fromEntries(random.chance(0.5) ? fields : [...fields.slice(2), ...fields.slice(0, 2)]));
}

/** Such a record exists in the wild. */
function impossibleDay(ms: number): string {
  const timestamp = isoSeconds(ms);
  return `${timestamp.slice(0, 8)}99${timestamp.slice(10)}`;
}

function inferenceRegion(random: Random, region: string): string {
  return random.pick(region === 'eu-west-1' ? ['eu-west-1', 'eu-central-1', 'eu-north-1'] : ['us-east-1', 'us-east-2', 'us-west-2']);
}
