import { basename, dirname } from 'node:path';
import { findFiles } from './find-files';

const RECORDS = /\.(json|jsonl|ndjson)(\.gz)?$/i;
/** The folder of offloaded bodies stands inside the folder of an hour: `…/YYYY/MM/DD/HH/data/`. */
const OFFLOADED_BODY = /\/\d{4}\/\d{2}\/\d{2}\/\d{2}\/data\/[^/]+$/;
const BODY_NAME = /_(input|output)(_media_\d+)?\.[^/]+$/;
const PERMISSION_CHECK = 'amazon-bedrock-logs-permission-check';

/**
 * Files of invocation log records, in the delivery layout of Amazon S3 or in a flat folder. Offloaded bodies and the object that Amazon
 * Bedrock writes to check its permissions hold no records and are left out.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export function findLogFiles(paths: readonly string[]): string[] {
  return findFiles('log files (*.json, *.jsonl, *.json.gz)', paths, path => RECORDS.test(path) && !isBody(path)
    && !basename(path).startsWith(PERMISSION_CHECK));
}

function isBody(path: string): boolean {
  const unixPath = path.replaceAll('\\', '/');
  return OFFLOADED_BODY.test(unixPath) || (basename(dirname(path)) === 'data' && BODY_NAME.test(unixPath));
}
