import { call, choice, jsonata, queryExpression, type QueryPlace, type State } from '../../private/athena-states';

/** A loop over tables. */
export interface TableLoop {
  readonly place: QueryPlace;
  /** What is known of each table, or an expression for it. */
  readonly items: unknown;
  readonly next: string;
  /** What the names of its states end in: a machine has each name once. */
  readonly suffix?: string;
}

/** Makes tables that are not there, and adds columns that are new. Items have `name`, `create` (a statement) and `columns`. */
export function makeTables({ place, items, next, suffix = '' }: TableLoop): State {
  const change = (expression: string): State => (
    queryExpression(place, expression, { next: `TableIsThere${suffix}`, comment: 'Has Athena change the table' })
  );
  return {
    Type: 'Map',
    Comment: 'Makes tables that are not there, and adds columns that are new',
    Items: items,
    MaxConcurrency: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: `ReadTable${suffix}`,
      States: {
        [`ReadTable${suffix}`]: call(place, 'aws-sdk:glue:getTable', { DatabaseName: place.databaseName, Name: jsonata('$states.input.name') }, {
          Retry: [
            { ErrorEquals: ['Glue.EntityNotFoundException'], MaxAttempts: 0 },
            { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 2, JitterStrategy: 'FULL' },
          ],
          Catch: [{ ErrorEquals: ['Glue.EntityNotFoundException'], Output: jsonata('$states.input'), Next: `CreateTable${suffix}` }],
          Output: jsonata(`{
            'name': $states.input.name,
            'missing': [$filter($states.input.columns, function($column) { $not($column.name in $states.result.Table.StorageDescriptor.Columns.Name) })]
          }`),
          Next: `HasColumns${suffix}`,
        }),
        [`HasColumns${suffix}`]: choice('A key that was added is a new column, empty for older rows', [
          ['$count($states.input.missing) > 0', `AddColumns${suffix}`],
        ], `TableIsThere${suffix}`),
        [`AddColumns${suffix}`]: change(
          `'ALTER TABLE ' & $states.input.name & ' ADD COLUMNS (' & $join($states.input.missing.(name & ' ' & type), ', ') & ')'`,
        ),
        [`CreateTable${suffix}`]: change('$states.input.create'),
        [`TableIsThere${suffix}`]: { Type: 'Succeed', Output: {} },
      },
    },
    Output: {},
    Next: next,
  };
}

/** Puts small files of tables together and removes old ones. Items have `name` and `optimize` (a statement). */
export function maintainTables({ place, items, next, suffix = '' }: TableLoop): State {
  return {
    Type: 'Map',
    Comment: 'One table after the other',
    Items: items,
    MaxConcurrency: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: `Optimize${suffix}`,
      States: {
        [`Optimize${suffix}`]: {
          ...queryExpression(place, '$states.input.optimize', { next: `Vacuum${suffix}`, comment: 'Puts small files together' }),
          Output: jsonata('$states.input'),
        },
        [`Vacuum${suffix}`]: {
          ...queryExpression(place, `'VACUUM ' & $states.input.name`, { next: `IsClean${suffix}`, comment: 'Removes files that no snapshot needs' }),
          Output: { isClean: true },
          // each run removes some of the files and says when there are more: a table with very many is cleaned over several days
          Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 10, MaxAttempts: 5, BackoffRate: 1.5, JitterStrategy: 'FULL' }],
          Catch: [{
            ErrorEquals: ['States.TaskFailed'],
            Output: {
              isClean: jsonata(`$contains($string($states.errorOutput.Cause), 'ICEBERG_VACUUM_MORE_RUNS_NEEDED')`),
              cause: jsonata('$states.errorOutput.Cause'),
            },
            Next: `IsClean${suffix}`,
          }],
        },
        [`IsClean${suffix}`]: choice('What is left over is for tomorrow', [
          ['$states.input.isClean', `TableIsMaintained${suffix}`],
        ], `NotMaintained${suffix}`),
        [`TableIsMaintained${suffix}`]: { Type: 'Succeed', Output: {} },
        [`NotMaintained${suffix}`]: { Type: 'Fail', Error: 'NotMaintained', Cause: jsonata('$substring($states.input.cause, 0, 2000)') },
      },
    },
    Output: {},
    Next: next,
  };
}
