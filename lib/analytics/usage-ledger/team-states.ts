import { assign, choice, jsonata, jsonataEach, query, type QueryPlace, type State, type States } from '../../private/athena-states';
import { atRunTime, toJsonata } from '../../private/run-time-text';
import { hiveType } from '../sql/view-columns';
import type { ViewParameters } from '../sql/view-template';
import { createTable } from './ledger-tables';
import { makeTables, maintainTables } from './table-states';
import { spendTable, teamTables } from './team-copies';

/** Whose rows are copied, and to where. */
export interface TeamCopy {
  readonly databaseName: string;
  /** The folder of its tables, as `s3://bucket/folder/`. */
  readonly folder: string;
  /** Name of the column that has the value. */
  readonly column: string;
  /** The value, as a literal of SQL. */
  readonly literal: string;
}

/** What copying depends on. */
export interface TeamOptions extends QueryPlace {
  readonly parameters: ViewParameters;
  readonly teams: readonly TeamCopy[];
}

/** Teams that are served at once: Athena runs a limited number of queries of an account at a time. */
const MAX_TEAMS_AT_ONCE = 4;

const SUFFIX = 'OfTeam';

/** The copies of teams: made anew after the bill, from what was worked out once for all of them. */
export function copying(options: TeamOptions, next: string): States {
  const tables = teamTables(options.databaseName, options.parameters);
  const place = ofTeam(options);
  return {
    AreCopiesDue: choice('Dollars are known anew when the bill was read', [['$isBillDue', 'TakePeriods']], next),
    TakePeriods: assign('Takes the first and the last billing period', jsonataEach({
      firstPeriod: '$substring($periods, 1, 7)', lastPeriod: '$substring($periods, $length($periods) - 8, 7)',
    }), 'ReplaceSpend'),
    ReplaceSpend: query(options, spendTable(options.parameters).replace, {
      next: 'CopyToTeams', comment: 'Works out once who gets every billed dollar',
    }),
    CopyToTeams: eachTeam(options.teams, 'TakeTeam', {
      TakeTeam: takeTeam(`MakeTables${SUFFIX}`),
      [`MakeTables${SUFFIX}`]: makeTables({
        place,
        suffix: SUFFIX,
        next: 'CopySpend',
        items: jsonata(listOf(tables.map(table => objectOf({
          name: JSON.stringify(table.name),
          create: toJsonata(createTable(table, atRunTime('team_folder'))),
          columns: JSON.stringify(table.columns.map(({ name, type }) => ({ name, type: hiveType(type) }))),
        })))),
      }),
      CopySpend: query(place, tables[0].replace, { next: 'CopyUsage', comment: 'Makes the billed dollars of the team anew' }),
      CopyUsage: query(place, tables[1].replace, { next: 'TeamHasCopies', comment: 'Makes the totals of the team anew' }),
      TeamHasCopies: { Type: 'Succeed', Output: {} },
    }, next),
  };
}

/** Maintenance of the copies. */
export function maintainCopies(options: TeamOptions, next: string): States {
  const tables = teamTables(options.databaseName, options.parameters);
  return {
    MaintainTeams: eachTeam(options.teams, 'TakeTeamToMaintain', {
      TakeTeamToMaintain: takeTeam(`MaintainTables${SUFFIX}`),
      [`MaintainTables${SUFFIX}`]: maintainTables({
        place: ofTeam(options),
        suffix: SUFFIX,
        next: 'TeamIsMaintained',
        items: tables.map(({ name }) => ({ name, optimize: `OPTIMIZE ${name} REWRITE DATA USING BIN_PACK` })),
      }),
      TeamIsMaintained: { Type: 'Succeed', Output: {} },
    }, next),
  };
}

function eachTeam(teams: readonly TeamCopy[], first: string, states: States, next: string): State {
  return {
    Type: 'Map',
    Comment: 'A few teams at a time',
    Items: teams,
    MaxConcurrency: MAX_TEAMS_AT_ONCE,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: first, States: states },
    Output: {},
    Next: next,
  };
}

function takeTeam(next: string): State {
  return assign('Takes a team', jsonataEach({
    teamDatabase: '$states.input.databaseName',
    teamFolder: '$states.input.folder',
    teamKey: '$states.input.column',
    teamValue: '$states.input.literal',
  }), next);
}

/** Queries run in the database of the team, whose tables they name without it. */
function ofTeam(options: TeamOptions): QueryPlace {
  return { integration: options.integration, workGroupName: options.workGroupName, databaseName: jsonata('$teamDatabase') };
}

function objectOf(expressions: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(expressions).map(([name, expression]) => `'${name}': ${expression}`).join(', ')} }`;
}

function listOf(expressions: readonly string[]): string {
  return `[${expressions.join(', ')}]`;
}
