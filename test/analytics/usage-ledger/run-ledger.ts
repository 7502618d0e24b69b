import { ledgerDefinition, type LedgerOptions } from '../../../lib/analytics/usage-ledger/ledger-definition';
import { ledgerTables } from '../../../lib/analytics/usage-ledger/ledger-tables';
import { spendTable, teamTables } from '../../../lib/analytics/usage-ledger/team-copies';
import { type Outcome, runStateMachine, StateError } from '../../support/run-state-machine';
import { VIEW_PARAMETERS } from './view-parameters';

/** A ledger for the starter schema. */
export const OPTIONS: LedgerOptions = {
  integration: name => `arn:aws:states:::${name}`,
  workGroupName: 'attribution',
  databaseName: 'bedrock',
  folder: 's3://store/ledger/',
  parameters: VIEW_PARAMETERS,
  teams: [],
  overlapDays: 1,
  sliceDays: 7,
  billingPeriods: 2,
  billEveryHours: 6,
  maintenanceHour: 3,
  topicArn: 'arn:aws:sns:us-east-1:111122223333:topic',
  runbook: 'https://example.com/runbook',
};

/** Its state machine. */
export const DEFINITION = ledgerDefinition(OPTIONS);

/** A call of a service. */
export interface Called { readonly resource: string; readonly query: string; readonly database?: string }

/** What a service is given. */
interface Given {
  readonly QueryString?: string;
  readonly QueryExecutionContext?: { readonly Database?: string };
  readonly DatabaseName?: string;
  readonly Name?: string;
}

/** What the services answer with, where it is not what a quiet hour has. */
interface Answers {
  readonly tables?: boolean;
  /** A column that no table has. */
  readonly missing?: string;
  /** Other executions that run. */
  readonly executions?: object[];
  /** Why a query fails, by how often its like was asked; undefined when it does not. */
  readonly fails?: (query: string, count: number) => string | undefined;
  readonly plan?: (string | undefined)[];
  readonly inspection?: string[];
  readonly definition?: unknown;
}

/** Runs the machine with services that answer with what they are given. */
export async function runLedger(input: unknown, answers: Answers = {}): Promise<Outcome & { called: Called[] }> {
  const called: Called[] = [];
  const counts = new Map<string, number>();
  let last = '';
  const outcome = await runStateMachine(answers.definition ?? DEFINITION, {
    input,
    name: `it's me`,
    startTime: new Date('2026-11-21T14:00:00Z'),
    // eslint-disable-next-line @typescript-eslint/require-await -- services answer later, this stand-in at once
    task: async (arn, given: Given) => {
      const resource = arn.replace('arn:aws:states:::', '');
      const query = given.QueryString ?? '';
      called.push({ resource, query, database: given.QueryExecutionContext?.Database });
      switch (resource) {
        case 'aws-sdk:sfn:listExecutions': return { Executions: answers.executions ?? [] };
        case 'aws-sdk:glue:getTable': {
          if (answers.tables === false) throw new StateError('Glue.EntityNotFoundException');
          const tables = given.DatabaseName === OPTIONS.databaseName
            ? [...ledgerTables(VIEW_PARAMETERS), spendTable(VIEW_PARAMETERS)] : teamTables(OPTIONS.databaseName, VIEW_PARAMETERS);
          const columns = tables.find(({ name }) => name === given.Name)?.columns ?? [];
          const there = columns.filter(({ name }) => name !== answers.missing);
          return { Table: { StorageDescriptor: { Columns: there.map(({ name }) => ({ Name: name })) } } };
        }
        case 'athena:startQueryExecution.sync': {
          last = query;
          const statement = query.slice(0, 20);
          counts.set(statement, (counts.get(statement) ?? 0) + 1);
          const failure = answers.fails?.(query, counts.get(statement) ?? 0);
          if (failure !== undefined) throw new StateError('States.TaskFailed', JSON.stringify({ QueryExecution: { Status: { StateChangeReason: failure } } }));
          return { QueryExecution: { QueryExecutionId: 'id' } };
        }
        case 'athena:getQueryResults': {
          const values = last.includes('last_run_at') ? answers.plan ?? ['2026-11-21 13:00:00.000', '2026-11-21 13:00:00.000', '2026-11-21 03:00:00.000']
            : last.includes('log_lines') ? answers.inspection ?? ['10', '0', '0', '0'] : ['3', '30', '2026-11-21 13:30:00.000', '0.5', '7', '1.5', '0'];
          return { ResultSet: { Rows: [{ Data: [] }, { Data: values.map(value => value === undefined ? {} : { VarCharValue: value }) }] } };
        }
        default: return {};
      }
    },
  });
  return { ...outcome, called };
}

/** The queries of a run that begin with some words. */
export function queries({ called }: { readonly called: readonly Called[] }, start: string): string[] {
  return called.map(({ query }) => query).filter(query => query.startsWith(start));
}
