import { gzipSync } from 'node:zlib';
import { spendKeysOf, viewKeys } from '../../../lib/analytics/sql/view-keys';
import { quote, WITHOUT_BODIES } from '../../../lib/analytics/sql/view-template';
import { ledgerDefinition } from '../../../lib/analytics/usage-ledger/ledger-definition';
import type { AttributionSchema } from '../../../lib/schema';
import { type Outcome, runStateMachine, StateError } from '../../support/run-state-machine';
import { EXPORT_PREFIX, LEDGER, LOGS, synthesizeCatalog } from '../lake/catalog';
import { Lake } from '../lake/lake';
import { type Answer, TrinoError } from '../trino/client';
import { trinoSpelling } from './trino-spelling';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const EXPORT = 'bill';
const FIRST_DAY = '2026-09-01';

/** What is told of a call; the rest of its record is made up. */
export interface Call {
  readonly requestId: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** A lake with logs and dimensions, and the ledger over it, whose state machine runs with Trino in the place of Athena. */
export class LedgerLake {
  public readonly lake = new Lake();
  /** What was asked of other services than Athena and Glue. */
  public readonly calls: { readonly resource: string; readonly arguments: unknown }[] = [];
  /** The statements that were run, with the bytes that they read. */
  public readonly statements: { readonly sql: string; readonly bytesRead: number }[] = [];
  /** The database of a team that has copies. */
  public readonly team = new Lake();
  private definition: unknown;
  private readonly answers = new Map<string, Answer>();

  /**
   * @param copied the team whose rows are copied
   */
  constructor(schema: AttributionSchema, private readonly copied?: string) {
    this.lake.define(synthesizeCatalog({
      databaseName: this.lake.database, schema, accounts: [ACCOUNT], regions: [REGION], firstDay: FIRST_DAY, exportName: EXPORT,
      settlementHours: 72,
    }));
    this.dimension('inference_profiles', []);
    this.dimension('principals', []);
    this.dimension('model_aliases', []);
    this.dimension('price_book', []);
    this.use(schema);
  }

  /** Has the ledger go on with another schema, as after a deployment. */
  public use(schema: AttributionSchema): void {
    const keys = viewKeys(schema);
    this.definition = ledgerDefinition({
      integration: name => `arn:aws:states:::${name}`,
      workGroupName: 'conformance',
      databaseName: this.lake.database,
      folder: `s3://${LEDGER}/ledger/`,
      teams: this.copied === undefined ? [] : [{
        databaseName: this.team.database, folder: `s3://${LEDGER}/ledger/teams/one/`, column: 'team', literal: quote(this.copied),
      }],
      parameters: {
        keys,
        spendKeys: spendKeysOf(keys),
        attributionOrder: ['iamPrincipal', 'resourceTags'],
        asOf: 'current_timestamp',
        settlementHours: 72,
        cost: 'line_item_unblended_cost',
        invocationsSource: 'usage_ledger',
        billSource: 'bill_ledger',
        logWindow: WITHOUT_BODIES,
        sharedCosts: [],
      },
      overlapDays: 1,
      sliceDays: 7,
      billingPeriods: 2,
      billEveryHours: 6,
      maintenanceHour: 3,
      topicArn: 'arn:aws:sns:us-east-1:111122223333:topic',
      runbook: 'https://example.com/runbook',
    });
  }

  /** Delivers records into the folder of an hour, `2026-10-01T13`, as one object. */
  public deliver(hour: string, name: string, calls: readonly (Call | string)[], cut = (content: Buffer): Buffer => content): string {
    const [day, hourOfDay] = hour.split('T');
    const key = `AWSLogs/${ACCOUNT}/BedrockModelInvocationLogs/${REGION}/${day.replaceAll('-', '/')}/${hourOfDay}/${name}.json.gz`;
    const lines = calls.map(call => typeof call === 'string' ? call : JSON.stringify(record(call)));
    this.lake.put(LOGS, key, cut(gzipSync(lines.map(line => `${line}\n`).join(''))));
    return `s3://${LOGS}/${key}`;
  }

  /** Writes a body that was too long for its record, beside the records of an hour. */
  public deliverBody(hour: string, name: string, calls: readonly Call[]): void {
    const [day, hourOfDay] = hour.split('T');
    const folder = `AWSLogs/${ACCOUNT}/BedrockModelInvocationLogs/${REGION}/${day.replaceAll('-', '/')}/${hourOfDay}/data`;
    this.lake.put(LOGS, `${folder}/${name}.json.gz`, gzipSync(calls.map(call => `${JSON.stringify(record(call))}\n`).join('')));
  }

  /** Writes the rows of a dimension table anew. */
  public dimension(name: string, rows: readonly unknown[]): void {
    this.lake.put(LEDGER, `dimensions/${name}/rows.ndjson`, rows.map(row => `${JSON.stringify(row)}\n`).join(''));
  }

  /** The folder of a billing period. */
  public billFolder(period: string): string {
    return `${EXPORT_PREFIX}/${EXPORT}/data/BILLING_PERIOD=${period}`;
  }

  /** One execution, which began at an instant. */
  public async run(startTime: string, input: unknown = { kind: 'hourly' }): Promise<Outcome> {
    return runStateMachine(this.definition, {
      input,
      startTime: new Date(startTime),
      task: async (resource, taskArguments) => this.task(resource.replace('arn:aws:states:::', ''), taskArguments as unknown as TaskArguments),
    });
  }

  /** Rows of a query. */
  public async rows(sql: string): Promise<Record<string, unknown>[]> {
    return JSON.parse(this.inS3(JSON.stringify(await this.lake.trino.rows(sql)))) as Record<string, unknown>[];
  }

  private async task(resource: string, given: TaskArguments): Promise<unknown> {
    switch (resource) {
      case 'athena:startQueryExecution.sync': return this.query(given.QueryString, this.lakeOf(given.QueryExecutionContext.Database));
      case 'athena:getQueryResults': return { ResultSet: { Rows: JSON.parse(this.inS3(JSON.stringify(athenaRows(this.answers.get(given.QueryExecutionId))))) as unknown } };
      case 'aws-sdk:glue:getTable': return this.table(given.Name, given.DatabaseName);
      case 'aws-sdk:sfn:listExecutions': return { Executions: [] };
      default:
        this.calls.push({ resource, arguments: given });
        return {};
    }
  }

  /** Where Trino finds the buckets. */
  private get localRoot(): string {
    return `local:///data/s3/${this.lake.database}/`;
  }

  private inS3(text: string): string {
    return text.replaceAll(this.localRoot, 's3://');
  }

  private lakeOf(database: string): Lake {
    return database === this.team.database ? this.team : this.lake;
  }

  private async table(name: string, database: string): Promise<unknown> {
    const columns = await this.rows(`SELECT column_name FROM iceberg.information_schema.columns WHERE table_schema = '${database}' AND table_name = '${name}'`);
    if (columns.length === 0) throw new StateError('Glue.EntityNotFoundException', `Entity Not Found: ${name}`);
    return { Table: { StorageDescriptor: { Columns: columns.map(column => ({ Name: column.column_name })) } } };
  }

  private async query(sql: string, lake: Lake): Promise<unknown> {
    const id = String(this.answers.size);
    const local = (trinoSpelling(sql, lake.database) ?? sql).replaceAll('s3://', this.localRoot);
    try {
      const answer = await lake.trino.query(local);
      this.answers.set(id, answer);
      this.statements.push({ sql, bytesRead: answer.bytesRead });
    } catch (error) {
      if (!(error instanceof TrinoError)) throw error;
      // Athena repeats the query before it says what failed
      const reason = this.inS3(error.message.slice(0, error.message.lastIndexOf(`\n${local}`)));
      throw new StateError('States.TaskFailed', JSON.stringify({ QueryExecution: { Query: sql, QueryExecutionId: id, Status: { State: 'FAILED', StateChangeReason: reason } } }));
    }
    return { QueryExecution: { QueryExecutionId: id, Status: { State: 'SUCCEEDED' } } };
  }
}

/** What tasks are given, as far as they are given it. */
interface TaskArguments {
  readonly QueryString: string;
  readonly QueryExecutionContext: { readonly Database: string };
  readonly QueryExecutionId: string;
  readonly DatabaseName: string;
  readonly Name: string;
}

/** The record of a call of a user with a tagged request, where nothing else is said. */
function record({ requestId, timestamp, ...rest }: Call): unknown {
  return {
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp,
    accountId: ACCOUNT,
    region: REGION,
    requestId,
    operation: 'Converse',
    modelId: 'amazon.nova-micro-v1:0',
    identity: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session` },
    requestMetadata: { team: 'search' },
    input: { inputContentType: 'application/json', inputTokenCount: 10 },
    output: { outputContentType: 'application/json', outputTokenCount: 5 },
    ...rest,
  };
}

/** A result as Athena writes it: the names of the columns first, every value as text, nothing for NULL. */
function athenaRows(answer: Answer | undefined): unknown[] {
  const { columns = [], rows = [] } = answer ?? {};
  const text = (value: unknown): string => typeof value === 'string' ? value : JSON.stringify(value);
  return [
    { Data: columns.map(({ name }) => ({ VarCharValue: name })) },
    ...rows.map(row => ({ Data: columns.map(({ name }) => row[name] === null ? {} : { VarCharValue: text(row[name]) }) })),
  ];
}
