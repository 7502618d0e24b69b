import type { ViewParameters } from '../../../lib/analytics/sql/view-template';
import { createTable, ledgerTables } from '../../../lib/analytics/usage-ledger/ledger-tables';
import { closingDefinition } from '../../../lib/reconciliation/closing-definition';
import { closingStatements } from '../../../lib/reconciliation/closing-statements';
import { type Outcome, runStateMachine, StateError } from '../../support/run-state-machine';
import { TrinoError } from '../trino/client';

/** Answers to a query, whatever the engine. */
export type Ask = (sql: string) => Promise<Record<string, unknown>[]>;

/** The statement that makes the table of the statements, as Athena spells it. */
export function createClosingTable(parameters: ViewParameters): string {
  const [table] = ledgerTables(parameters).filter(({ name }) => name === 'closing_statements');
  return createTable(table, 's3://ledger/');
}

/** A closing at six in the morning of a day: its state machine as it is deployed, with an engine in the place of Athena. */
export async function runClosing(ask: Ask, parameters: ViewParameters, day: string, input: object = {}): Promise<Outcome> {
  const definition = closingDefinition({
    integration: name => name,
    workGroupName: 'conformance',
    databaseName: 'costs',
    statements: closingStatements({ ...parameters, asOf: `TIMESTAMP '${day} 06:00:00'` }),
    keyCount: parameters.spendKeys.length,
    lastDay: 14,
    runbook: 'https://example.com/runbook',
  });
  let answer: unknown[] = [];
  return runStateMachine(definition, {
    input,
    startTime: new Date(`${day}T06:00:00Z`),
    task: async (resource, given: Record<string, unknown>) => {
      switch (resource) {
        case 'athena:startQueryExecution.sync':
          answer = Object.values((await asAthena(ask, given.QueryString as string))[0] ?? {});
          return { QueryExecution: { QueryExecutionId: 'id' } };
        case 'athena:getQueryResults': return { ResultSet: { Rows: [{ Data: [] }, { Data: answer.map(cell) }] } };
        case 'aws-sdk:cloudwatch:putMetricData': return {};
        default: throw new StateError('Unknown', resource);
      }
    },
  });
}

/** A query that fails is one that the state machine may try again. */
async function asAthena(ask: Ask, sql: string): Promise<Record<string, unknown>[]> {
  try {
    return await ask(sql);
  } catch (error) {
    if (error instanceof TrinoError) throw new StateError('States.TaskFailed', error.message);
    throw error;
  }
}

/** A value as Athena prints it; NULL is nothing. */
function cell(value: unknown): { VarCharValue?: string } {
  return value === null ? {} : { VarCharValue: typeof value === 'string' ? value : JSON.stringify(value) };
}
