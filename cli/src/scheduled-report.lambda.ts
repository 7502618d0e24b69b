import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { REPORT_FOLDER, REPORT_VARIABLES, TOPIC_VARIABLE } from '../../lib/private/handlers/constants';
import { CLIENT_OPTIONS, logLine } from '../../lib/private/handlers/real-world.lambda-shared';
import { AthenaEngine, type AthenaSettings } from './engine/athena-engine';
import { isDay } from './is-day';
import { buildAthenaReport } from './report/build-athena-report';
import { renderCsv } from './report/render-csv';
import { renderHtml } from './report/render-html';
import { renderJson } from './report/render-json';
import { type DuePeriod, duePeriod } from './scheduled-report/due-period';
import { reportMessage } from './scheduled-report/report-message';

/** The world around the scheduled report. */
export interface ScheduledReportWorld {
  readonly openEngine: (settings: AthenaSettings) => Promise<AthenaEngine>;
  readonly s3: S3Client;
  readonly sns: SNSClient;
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly log: (entry: object) => void;
}

/** What the function is called with: the event of the schedule, or by hand a period that is to be reported again. */
export interface ScheduledReportEvent {
  readonly from?: string;
  readonly to?: string;
}

/** What a call has done. */
export interface ScheduledReportResult extends DuePeriod {
  /** Whether a report was made; one that is there already is not made again. */
  readonly made: boolean;
  /** Keys of the objects. */
  readonly html: string;
  readonly csv: string;
  readonly json: string;
}

/** Makes the handler of the scheduled report for the world that it is to look at. */
export function createScheduledReport(world: ScheduledReportWorld): (event: ScheduledReportEvent) => Promise<ScheduledReportResult> {
  const { s3, sns, log, now } = world;
  const variable = (name: keyof typeof REPORT_VARIABLES): string => world.variables[REPORT_VARIABLES[name]] ?? '';
  const by = variable('by').split(',');
  const bucket = variable('bucket');
  const region = world.variables.AWS_REGION ?? '';

  return async ({ from, to }) => {
    const isAsked = from !== undefined || to !== undefined;
    const period = isAsked ? askedPeriod(from, to)
      : duePeriod(variable('period') === 'month' ? 'month' : 'week', now(), Number(variable('settlingDays')));
    const path = `${REPORT_FOLDER}/${period.to}/${period.from}-to-${period.to}-by-${by.join('-')}`;
    const result = { ...period, html: `${path}.html`, csv: `${path}.csv`, json: `${path}.json` };
    if (!isAsked && await exists(s3, bucket, result.json)) {
      log({ message: 'the report is there already', ...result });
      return { ...result, made: false };
    }

    const engine = await world.openEngine({ workgroup: variable('workGroup'), database: variable('database') });
    try {
      const tagNames = JSON.parse(variable('tagNames')) as string[];
      const { report, details } = await buildAthenaReport(engine, tagNames, { by, ...period, asOf: new Date(now()) });
      const put = async (Key: string, Body: string, ContentType: string): Promise<void> => {
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: `${ContentType}; charset=utf-8` }));
      };
      await put(result.html, renderHtml(report, details), 'text/html');
      await put(result.csv, renderCsv(report), 'text/csv');
      const { subject, text } = reportMessage(report, details, [
        { name: 'Report', bucket, region, key: result.html }, { name: 'Figures', bucket, region, key: result.csv },
      ]);
      await sns.send(new PublishCommand({ TopicArn: world.variables[TOPIC_VARIABLE], Subject: subject, Message: text }));
      // the last file says that everything was done: a call that fails before is repeated
      await put(result.json, renderJson(report), 'application/json');
      log({ message: 'reported', ...result, scanned: engine.scanned, totals: report.totals });
      return { ...result, made: true };
    } finally {
      await engine.close();
    }
  };
}

function askedPeriod(from: string | undefined, to: string | undefined): DuePeriod {
  if (from === undefined || to === undefined || !isDay(from) || !isDay(to) || from > to) {
    throw new RangeError(`the period is from ${JSON.stringify(from)} to ${JSON.stringify(to)}: give two days as YYYY-MM-DD, the earlier as from`);
  }
  return { from, to };
}

async function exists(s3: S3Client, bucket: string, key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  } catch (error) {
    if ((error as Error).name === 'NotFound') return false;
    throw error;
  }
}

/** The entry point of the Lambda function. */
export const handler = createScheduledReport({
  openEngine: settings => AthenaEngine.open(settings),
  s3: new S3Client(CLIENT_OPTIONS),
  sns: new SNSClient(CLIENT_OPTIONS),
  variables: process.env,
  now: Date.now,
  log: logLine,
});
