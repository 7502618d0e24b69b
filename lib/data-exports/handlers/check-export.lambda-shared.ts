import {
  type BCMDataExportsClient, type ExecutionReference, type ExecutionStatus, type ExportStatus, GetExportCommand, paginateListExecutions,
  paginateListExports,
} from '@aws-sdk/client-bcm-data-exports';
import { CheckFailedError, explained } from './check-failed.lambda-shared';

/** How an export fares. */
export interface ExportHealth {
  readonly exportArn: string;
  readonly healthy: boolean;
  /** Why the export is not healthy, as Data Exports says it, and what that means. */
  readonly reason?: string;
  /** When the newest delivery was complete; nothing until there is one. */
  readonly lastDelivery?: string;
  /** Seconds since then; until there is a delivery, since the export was made. */
  readonly secondsSinceDelivery: number;
  /** The newest attempt that failed since then. */
  readonly failure?: FailedAttempt;
}

/** A refresh of an export that came to nothing. */
export interface FailedAttempt {
  readonly at: string;
  readonly status: string;
  readonly reason: string;
}

/** What the reasons of Data Exports mean, by their names: AWS lists them without more. An export and an attempt have the same ones. */
const MEANINGS: Readonly<Record<string, string>> = {
  INSUFFICIENT_PERMISSION: 'Data Exports may not write to the bucket, or may not read its policy',
  BILL_OWNER_CHANGED: 'somebody else pays the bill of this account than when the export was made, so a new export may be needed',
  INTERNAL_FAILURE: 'a fault of Data Exports, which tries again by itself',
};

const FAILURES = ['QUERY_FAILURE', 'DELIVERY_FAILURE'];

/** As many names as a message may list: there may be many exports, and each name may have 128 characters. */
const MOST_NAMES = 10;

/**
 * Asks Data Exports how an export fares.
 *
 * @param now in milliseconds
 * @throws when there is no export of that name, or when Data Exports does not say
 */
export async function checkExport(client: BCMDataExportsClient, exportName: string, now: number): Promise<ExportHealth> {
  const ExportArn = await findExport(client, exportName);
  const { ExportStatus } = await asking('GetExport', () => client.send(new GetExportCommand({ ExportArn })));
  return judgeExport(exportName, ExportArn, ExportStatus, await listExecutions(client, ExportArn), now);
}

/**
 * What the answers of Data Exports mean.
 *
 * @param executions all of them, in any order: theirs is not documented
 * @param now in milliseconds
 */
export function judgeExport(
  exportName: string, exportArn: string, status: ExportStatus | undefined, executions: readonly ExecutionReference[], now: number,
): ExportHealth {
  const attempts = executions.map(({ ExecutionStatus }) => ExecutionStatus);
  const delivery = newest(attempts.filter(attempt => attempt?.StatusCode === 'DELIVERY_SUCCESS'));
  const since = delivery?.time ?? status?.CreatedAt?.getTime();
  if (since === undefined) {
    throw new CheckFailedError(`Data Exports says neither when the export ${JSON.stringify(exportName)} was delivered nor when it was made`);
  }
  const failure = newest(attempts.filter(attempt => FAILURES.includes(attempt?.StatusCode ?? '')));
  const healthy = status?.StatusCode === 'HEALTHY';
  return {
    exportArn,
    healthy,
    ...healthy ? {} : { reason: meaningOf(status?.StatusReason) },
    ...delivery === undefined ? {} : { lastDelivery: new Date(delivery.time).toISOString() },
    secondsSinceDelivery: Math.max(0, Math.round((now - since) / 1000)),
    ...failure === undefined || failure.time < since ? {} : { failure: describe(failure) },
  };
}

/** An attempt of which it is known when it ended. */
interface Attempt {
  readonly time: number;
  readonly status: ExecutionStatus;
}

/** Every field of an attempt is optional to the API, so the best time that there is has to do. */
function newest(attempts: readonly (ExecutionStatus | undefined)[]): Attempt | undefined {
  return attempts.reduce<Attempt | undefined>((best, status) => {
    const time = (status?.CompletedAt ?? status?.LastUpdatedAt ?? status?.CreatedAt)?.getTime();
    return status === undefined || time === undefined || (best !== undefined && best.time >= time) ? best : { time, status };
  }, undefined);
}

function describe({ time, status: { StatusCode, StatusReason } }: Attempt): FailedAttempt {
  return { at: new Date(time).toISOString(), status: String(StatusCode), reason: meaningOf(StatusReason) };
}

function meaningOf(reason: string | undefined): string {
  if (reason === undefined) return 'Data Exports gives no reason';
  return Object.hasOwn(MEANINGS, reason) ? `${reason}: ${MEANINGS[reason]}` : `${reason}: look at the export in the console`;
}

/** The ARN of the export of a name. */
async function findExport(client: BCMDataExportsClient, exportName: string): Promise<string> {
  const names: string[] = [];
  const arn = await asking('ListExports', async () => {
    for await (const { Exports = [] } of paginateListExports({ client }, {})) {
      const found = Exports.find(({ ExportName }) => ExportName === exportName)?.ExportArn;
      if (found !== undefined) return found;
      names.push(...Exports.map(({ ExportName }) => JSON.stringify(ExportName)));
    }
    return undefined;
  });
  if (arn !== undefined) return arn;
  const others = names.length === 0 ? 'no export at all' : `${names.length} other(s): ${names.slice(0, MOST_NAMES).join(', ')}`;
  throw new CheckFailedError(`there is no export named ${JSON.stringify(exportName)} in this account, but ${others}; it was deleted, or it belongs to `
    + 'another account, in which case its health has to be checked there');
}

async function listExecutions(client: BCMDataExportsClient, ExportArn: string): Promise<ExecutionReference[]> {
  return asking('ListExecutions', async () => {
    const executions: ExecutionReference[] = [];
    for await (const page of paginateListExecutions({ client }, { ExportArn })) executions.push(...page.Executions ?? []);
    return executions;
  });
}

function asking<T>(operation: string, call: () => Promise<T>): Promise<T> {
  return explained(`bcm-data-exports:${operation}`,
    'the role of this function allows it, so look for a service control policy or a permissions boundary that denies it', call);
}
