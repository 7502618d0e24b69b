import { BCMDataExportsClient } from '@aws-sdk/client-bcm-data-exports';
import { S3Client } from '@aws-sdk/client-s3';
import { embeddedMetrics } from '../../private/handlers/embedded-metrics.lambda-shared';
import { passesByItself } from '../../private/handlers/passing-errors.lambda-shared';
import { CLIENT_OPTIONS, logLine, REAL_TIME } from '../../private/handlers/real-world.lambda-shared';
import { retry, type Timing } from '../../private/handlers/retry.lambda-shared';
import { checkExport, type ExportHealth } from './check-export.lambda-shared';
import { CheckFailedError } from './check-failed.lambda-shared';
import { EXPORT_DIMENSION, EXPORT_HEALTH_VARIABLES, EXPORT_METRICS } from './constants';
import { findUnreadExports } from './unread-exports.lambda-shared';

/** The world around the health check. */
export interface ExportHealthWorld {
  readonly dataExports: BCMDataExportsClient;
  readonly s3: S3Client;
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  readonly log: (entry: object) => void;
}

/** What a check found. */
export interface ExportFinding extends ExportHealth {
  readonly exportName: string;
  /** Folders of exports that no table reads; nothing where they are not looked for. */
  readonly unreadExports?: string[];
}

/** How long each half of a check is tried again, in milliseconds. */
const BUDGET_MS = 60_000;

/** Makes the handler of the health check for the world that it is to look at. */
export function createExportHealth(world: ExportHealthWorld): () => Promise<ExportFinding> {
  const { variables, timing, log } = world;
  const exportName = variables[EXPORT_HEALTH_VARIABLES.exportName] ?? '';
  const bucket = variables[EXPORT_HEALTH_VARIABLES.bucket];
  const folders = { bucket: bucket ?? '', prefix: variables[EXPORT_HEALTH_VARIABLES.prefix] ?? '' };
  const known = new Set([EXPORT_HEALTH_VARIABLES.readNames, EXPORT_HEALTH_VARIABLES.otherNames]
    .flatMap(name => (variables[name] ?? '').split(',')));

  return async () => {
    const dimensions = { [EXPORT_DIMENSION]: exportName };
    const health = await patiently(timing, () => checkExport(world.dataExports, exportName, timing.now()));
    log({ message: 'checked', exportName, ...health });
    // measured before the bucket is looked at, which must not hide a sick export when it fails
    log(embeddedMetrics(dimensions, {
      [EXPORT_METRICS.unhealthy]: { value: health.healthy ? 0 : 1, unit: 'Count' },
      [EXPORT_METRICS.deliveryAge]: { value: health.secondsSinceDelivery, unit: 'Seconds' },
    }, timing.now()));
    if (bucket === undefined) return { exportName, ...health };

    const unreadExports = await patiently(timing, () => findUnreadExports(world.s3, folders, known));
    log({ message: 'looked for exports that are not read', ...folders, unreadExports });
    log(embeddedMetrics(dimensions, { [EXPORT_METRICS.unread]: { value: unreadExports.length, unit: 'Count' } }, timing.now()));
    return { exportName, ...health, unreadExports };
  };
}

/** Repeats what passes by itself. */
function patiently<T>(timing: Timing, operation: () => Promise<T>): Promise<T> {
  return retry(operation, {
    timing,
    budgetMs: BUDGET_MS,
    isRetryable: passesByItself,
    onGiveUp: (error, attempts, elapsedMs) => Promise.resolve(new CheckFailedError(
      `gave up after ${attempts} attempts in ${Math.round(elapsedMs / 1000)} seconds: ${error.name}: ${error.message}`, error,
    )),
  });
}

/**
 * The Region of Data Exports for a function in some Region. The SDK finds the one endpoint of most of the world, in us-east-1, from any
 * Region, while that of China it would look for in the Region of the function.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/Welcome.html
 */
export function dataExportsRegion(region: string | undefined): string | undefined {
  return region?.startsWith('cn-') ? 'cn-northwest-1' : region;
}

/** The bucket may be in another Region than the function. */
export const S3_OPTIONS = { ...CLIENT_OPTIONS, followRegionRedirects: true };

/** The entry point of the Lambda function. */
export const handler = createExportHealth({
  dataExports: new BCMDataExportsClient({ ...CLIENT_OPTIONS, region: dataExportsRegion(process.env.AWS_REGION) }),
  s3: new S3Client(S3_OPTIONS),
  variables: process.env,
  timing: REAL_TIME,
  log: logLine,
});
