import { gzipSync } from 'node:zlib';
import { type BillLine, writeBill } from '../../../cli/test/helpers/world';
import { BILLS, EXPORT_PREFIX, LOGS } from './catalog';
import type { Lake } from './lake';

/** Where and when Amazon Bedrock delivers a log file. */
export interface Delivery {
  readonly account?: string;
  readonly region?: string;
  /** The hour of delivery in UTC, as `2026-10-05T14`. */
  readonly hour: string;
}

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const EXPORT = 'bill';

/** The folder of an hour. */
export function hourFolder({ account = ACCOUNT, region = REGION, hour }: Delivery): string {
  return `AWSLogs/${account}/BedrockModelInvocationLogs/${region}/${hour.replace(/[-T]/g, '/')}`;
}

let files = 0;

/** Delivers lines as one log file, and answers with its key in the bucket. */
export function deliverLog(lake: Lake, delivery: Delivery, lines: readonly string[]): string {
  const key = `${hourFolder(delivery)}/${delivery.hour.replaceAll('-', '')}0000000Z_${String(files++).padStart(16, '0')}.json.gz`;
  lake.put(LOGS, key, gzipSync(lines.map(line => `${line}\n`).join('')));
  return key;
}

/** Delivers lines of the bill as one file of a billing period, without the columns that its export lacks. */
export async function deliverBill(lake: Lake, period: string, lines: readonly BillLine[], without: readonly string[] = []): Promise<void> {
  const folder = `${lake.bucket(BILLS)}/${EXPORT_PREFIX}/${EXPORT}/data/BILLING_PERIOD=${period}`;
  await writeBill(folder, lines, without, `${EXPORT}-${String(files++).padStart(5, '0')}.snappy.parquet`);
}
