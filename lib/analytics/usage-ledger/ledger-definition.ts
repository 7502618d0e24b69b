import {
  answerExpressions, assign, call, choice, jsonata, jsonataEach, query, queryExpression, readAnswer, type State, type States,
} from '../../private/athena-states';
import { METRIC_NAMESPACE } from '../../private/handlers/constants';
import { atRunTime, camelCase, toJsonata } from '../../private/run-time-text';
import { hiveType } from '../sql/view-columns';
import { DATABASE_DIMENSION, LEDGER_METRICS } from './ledger-metrics';
import { createTable, HEALTH_COLUMNS, type LedgerTable, ledgerTables } from './ledger-tables';
import {
  billDueExpression, CORRUPT_PATH, CORRUPT_REASON, DAYS_OF_TWO_MONTHS, DAYS_WITH_STRAYS, FIRST_DAY, KIND, LAST_DAY,
  maintenanceDueExpression, MAX_STRAY_DAYS, OLDER_EXECUTIONS, periodsExpression, PROBLEM, QUARANTINED_OBJECTS, SINCE_DAY, SLICE_DAYS,
  slicesExpression, UNREAD, windowExpression,
} from './run-expressions';
import { type LedgerStatements, ledgerStatements } from './statements';
import { maintainTables, makeTables } from './table-states';
import { spendTable } from './team-copies';
import { copying, maintainCopies, type TeamOptions } from './team-states';

/** What the state machine of a ledger depends on. */
export interface LedgerOptions extends TeamOptions {
  /** The folder of the tables, as `s3://bucket/folder/`. */
  readonly folder: string;
  readonly overlapDays: number;
  readonly sliceDays: number;
  readonly billingPeriods: number;
  readonly billEveryHours: number;
  /** Hour of the day in UTC from which on maintenance is due. */
  readonly maintenanceHour: number;
  readonly topicArn?: string;
  readonly runbook: string;
}

/** How many objects one run may find that cannot be read; more of them are a trouble of another kind. */
const MAX_QUARANTINED = 10;

/** How often a run tries a slice again whose failure names no object. */
const MAX_TRIES = 3;

/** A run that waits for others looks once a minute, for twelve hours. */
const MAX_WAITS = 720;

/** A day: longer than any run takes, and short enough that one that hangs is noticed. */
const RUN_SECONDS = 86_400;

const INSPECTION = ['log_lines', 'malformed_lines', 'undated_records', 'stray_records', 'stray_days'];
const MEASURES = ['merged_records', 'ledger_records', 'newest_call_at', 'lag_hours', 'bill_lines', 'bill_usd', 'undelivered_periods'];
/** What is counted slice by slice and told of the whole run. */
const COUNTED = ['logLines', 'malformedLines', 'undatedRecords', 'strayRecords'];

/**
 * The state machine of a ledger, in the Amazon States Language with JSONata.
 *
 * Every step may be repeated: a run that failed is resumed where it stopped, or left to the next one.
 */
export function ledgerDefinition(options: LedgerOptions): State {
  const tables = [...ledgerTables(options.parameters), ...options.teams.length > 0 ? [spendTable(options.parameters)] : []];
  const statements = ledgerStatements(options.parameters);
  return {
    Comment: 'Keeps the ledger of calls and of the bill',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: RUN_SECONDS,
    StartAt: 'Begin',
    States: {
      ...admission(options),
      ...preparation(options, tables, statements),
      ...merging(options, statements),
      ...quarantine(options),
      ...bill(options, statements),
      ...recording(options, statements),
      ...options.teams.length > 0 ? copying(options, 'IsMaintenanceDue') : {},
      ...maintenance(options, tables, statements),
    },
  };
}

/** One run at a time: a second one would do the same work, and of two that commit at once Iceberg refuses one. */
function admission(options: LedgerOptions): States {
  const isOldest = '$olderRuns = 0';
  return {
    Begin: assign('Takes the input, and the start of the run as its clock', {
      ...jsonataEach({
        kind: KIND,
        problem: PROBLEM,
        from: `$exists($states.input.from) ? $string($states.input.from) : ''`,
        to: `$exists($states.input.to) ? $string($states.input.to) : ''`,
        runId: `$replace($states.context.Execution.Name, "'", "''")`,
        startedMs: '$toMillis($states.context.Execution.StartTime)',
        runAt: `$fromMillis($toMillis($states.context.Execution.StartTime), '[Y0001]-[M01]-[D01] [H01]:[m01]:[s01].[f001]')`,
      }),
      waits: 0,
      tries: 0,
      sliceAt: 0,
      foundCorrupt: 0,
      ...Object.fromEntries(COUNTED.map(name => [`${name}OfRun`, 0])),
    }, 'IsInputGood'),
    IsInputGood: choice('Nothing is done with an input that is not understood', [[`$problem = ''`, 'ListRuns']], 'InvalidInput'),
    InvalidInput: { Type: 'Fail', Error: 'InvalidInput', Cause: jsonata('$problem') },
    ListRuns: call(options, 'aws-sdk:sfn:listExecutions', {
      StateMachineArn: jsonata('$states.context.StateMachine.Id'), StatusFilter: 'RUNNING', MaxResults: 100,
    }, {
      Comment: 'Whoever began first goes on',
      Assign: { olderRuns: jsonata(OLDER_EXECUTIONS) },
      Output: {},
      Next: 'IsAlone',
    }),
    IsAlone: choice('An hourly run that meets another one is done: the next one does its work', [
      [isOldest, 'MakeTables'], [`$kind = 'hourly'`, 'Skipped'], [`$waits < ${MAX_WAITS}`, 'WaitForOthers'],
    ], 'OthersStillRun'),
    Skipped: { Type: 'Succeed', Output: { skipped: 'an older run is still at work' } },
    WaitForOthers: { Type: 'Wait', Seconds: 60, Assign: { waits: jsonata('$waits + 1') }, Output: {}, Next: 'ListRuns' },
    OthersStillRun: { Type: 'Fail', Error: 'OthersStillRun', Cause: 'other runs of this ledger have been running for twelve hours: stop those that hang, and start this one again' },
  };
}

/** Makes what is missing, and looks what is to be done. */
function preparation(options: LedgerOptions, tables: readonly LedgerTable[], statements: LedgerStatements): States {
  return {
    MakeTables: makeTables({
      place: options,
      next: 'PlanRun',
      items: tables.map(table => ({
        name: table.name,
        create: createTable(table, options.folder),
        columns: table.columns.map(({ name, type }) => ({ name, type: hiveType(type) })),
      })),
    }),
    PlanRun: query(options, statements.planRun, { next: 'ReadPlan', comment: 'Looks when the runs before were, and which objects are to be left out' }),
    ReadPlan: readAnswer(options, {
      ...answerExpressions(['lastRunAt', 'lastBillAt', 'lastMaintenanceAt']),
      quarantined: `(
        $value := $states.result.ResultSet.Rows[1].Data[3].VarCharValue;
        $exists($value) ? [$parse($value)] : []
      )`,
    }, 'FindWindow', 'Takes the answer'),
    FindWindow: assign('Works out which log days are read, and which billing periods', jsonataEach({
      window: windowExpression(options.overlapDays),
      periods: periodsExpression(options.billingPeriods),
      isBillDue: billDueExpression(options.billEveryHours),
      isMaintenanceDue: maintenanceDueExpression(options.maintenanceHour),
    }), 'FindSlices'),
    FindSlices: assign('Divides the log days', jsonataEach({
      slices: slicesExpression(options.sliceDays), firstDay: FIRST_DAY, lastDay: LAST_DAY,
    }), 'IsSliceLeft'),
  };
}

/** Slice by slice: what is wrong with the logs, what the ledger does not know of them, and the days that follow from it. */
function merging(options: LedgerOptions, statements: LedgerStatements): States {
  const failed = 'FindCorruptObject';
  return {
    IsSliceLeft: choice('One slice after the other', [['$sliceAt < $count($slices)', 'TakeSlice'], [`$kind = 'maintenance'`, 'TakeMonths']], 'IsBillDue'),
    TakeSlice: assign('Takes the next slice, without objects that cannot be read', jsonataEach({
      logFrom: `$replace($slices[$sliceAt].from, '-', '/')`,
      logTo: `$replace($slices[$sliceAt].to, '-', '/')`,
      days: SLICE_DAYS,
      unread: UNREAD,
    }), 'InspectLogs'),
    InspectLogs: query(options, statements.inspectLogs, { next: 'ReadInspection', failed, comment: 'Counts what cannot go into the ledger as it is' }),
    ReadInspection: readAnswer(options, answerExpressions(INSPECTION.map(camelCase)), 'AddStrayDays', 'Takes the answer'),
    AddStrayDays: assign('Has the ledger look on the days of late records as well', { days: jsonata(DAYS_WITH_STRAYS) }, 'MergeUsage'),
    MergeUsage: query(options, statements.mergeUsage, { next: 'ReplaceDaily', failed, comment: 'Merges the records of the slice into usage_ledger' }),
    ReplaceDaily: query(options, statements.replaceDaily, { next: 'EndSlice', comment: 'Makes the totals of these days anew' }),
    EndSlice: assign('Counts, and goes on', jsonataEach({
      ...Object.fromEntries(COUNTED.map(name => [`${name}OfRun`, `$${name}OfRun + $number($${name})`])),
      undatedRecordsOfRun: `$undatedRecordsOfRun + $number($undatedRecords)
        + ($count($split($strayDays, ',')) > ${MAX_STRAY_DAYS} ? $number($strayRecords) : 0)`,
      sliceAt: '$sliceAt + 1',
      tries: '0',
    }), 'IsSliceLeft'),
  };
}

/** A query fails as a whole when it meets an object that cannot be read: that one is left out from then on, and somebody told. */
function quarantine(options: LedgerOptions): States {
  const { topicArn } = options;
  return {
    FindCorruptObject: assign('Looks which object Athena could not read', jsonataEach({ corruptPath: CORRUPT_PATH, corruptReason: CORRUPT_REASON }), 'IsObjectFound'),
    IsObjectFound: choice('Without an object, it may have been a moment of Athena', [
      [`$corruptPath != '' and $foundCorrupt < ${MAX_QUARANTINED}`, 'QuarantineObject'],
      [`$corruptPath = '' and $tries < ${MAX_TRIES}`, 'WaitAfterFailure'],
    ], 'LogsNotMerged'),
    WaitAfterFailure: { Type: 'Wait', Seconds: 60, Assign: { tries: jsonata('$tries + 1') }, Output: {}, Next: 'TakeSlice' },
    LogsNotMerged: {
      Type: 'Fail',
      Error: 'LogsNotMerged',
      Cause: jsonata(`$substring(($corruptPath = '' ? 'Athena failed ${MAX_TRIES + 1} times' : 'more than ${MAX_QUARANTINED} log objects cannot be read') & ': ' & $corruptReason & '. Runbook: ${options.runbook}', 0, 2000)`),
    },
    QuarantineObject: query(options,
      `INSERT INTO quarantined_objects (path, reason, found_at, run_id)\nVALUES ('${atRunTime('corrupt_path')}', '${atRunTime('corrupt_reason')}', TIMESTAMP '${atRunTime('run_at')}', '${atRunTime('run_id')}')`,
      { next: 'LeaveObjectOut', comment: 'Remembers the object, so that no query opens it any more' }),
    LeaveObjectOut: assign('Leaves it out from now on', jsonataEach({
      quarantined: '$append([$corruptPath], $quarantined)', foundCorrupt: '$foundCorrupt + 1',
    }), topicArn === undefined ? 'TakeSlice' : 'TellOfObject'),
    ...topicArn === undefined ? {} : {
      TellOfObject: call(options, 'sns:publish', {
        TopicArn: topicArn,
        Subject: 'A Bedrock invocation log cannot be read',
        Message: jsonata(`'The ledger of ' & ${JSON.stringify(options.databaseName)} & ' leaves out ' & $corruptPath & ', which Athena cannot read: ' & $corruptReason & '\\nRunbook: ${options.runbook}'`),
      }, { Comment: 'Its calls are not in the ledger until somebody restores it', Output: {}, Next: 'TakeSlice' }),
    },
  };
}

function bill(options: LedgerOptions, statements: LedgerStatements): States {
  return {
    IsBillDue: choice('The bill is delivered a few times a day', [['$isBillDue', 'ReplaceBill']], 'MeasureRun'),
    ReplaceBill: query(options, statements.replaceBill, { next: 'MeasureRun', comment: 'Loads the Bedrock lines of the billing periods anew' }),
  };
}

/** A row in ledger_health, and metrics: of hourly runs only, for a backfill says nothing of today. */
function recording(options: LedgerOptions, statements: LedgerStatements): States {
  const next = options.teams.length > 0 ? 'AreCopiesDue' : 'IsMaintenanceDue';
  const number = (name: string): string => `($${name} = '' ? 'NULL' : $${name})`;
  const billOnly = (name: string): string => `($isBillDue ? ${number(name)} : 'NULL')`;
  const values = [
    `"TIMESTAMP '" & $runAt & "'"`, `"'" & $runId & "'"`, `"'" & $kind & "'"`, `"DATE '" & $window.from & "'"`, `"DATE '" & $window.to & "'"`,
    ...COUNTED.map(name => `$string($${name}OfRun)`),
    '$string($quarantinedObjects)', number('mergedRecords'), number('ledgerRecords'),
    `($newestCallAt = '' ? 'NULL' : "TIMESTAMP '" & $newestCallAt & "'")`,
    `($lagHours = '' ? 'NULL' : 'DOUBLE ' & "'" & $lagHours & "'")`,
    billOnly('billLines'), `($isBillDue and $billUsd != '' ? 'DOUBLE ' & "'" & $billUsd & "'" : 'NULL')`, billOnly('undeliveredPeriods'),
  ];
  return {
    MeasureRun: query(options, statements.measureRun, {
      next: 'ReadMeasures',
      comment: 'Looks how the ledger stands',
      assign: { quarantinedObjects: QUARANTINED_OBJECTS },
    }),
    ReadMeasures: readAnswer(options, answerExpressions(MEASURES.map(camelCase)), 'RecordRun', 'Takes the answer'),
    RecordRun: queryExpression(options, `"INSERT INTO ledger_health (${HEALTH_COLUMNS.map(({ name }) => name).join(', ')}) VALUES (" & ${values.join(` & ', ' & `)} & ")"`, {
      next: 'IsHourly', comment: 'Writes a row about the run',
    }),
    IsHourly: choice('A backfill says nothing of today', [[`$kind = 'hourly'`, 'PutMetrics']], next),
    PutMetrics: call(options, 'aws-sdk:cloudwatch:putMetricData', {
      Namespace: METRIC_NAMESPACE,
      MetricData: jsonata(`(
        $metric := function($name, $value) {
          { 'MetricName': $name, 'Value': $value, 'Dimensions': [{ 'Name': '${DATABASE_DIMENSION}', 'Value': ${JSON.stringify(options.databaseName)} }] }
        };
        $append([
          $metric('${LEDGER_METRICS.malformed}', $malformedLinesOfRun),
          $metric('${LEDGER_METRICS.undated}', $undatedRecordsOfRun),
          $metric('${LEDGER_METRICS.quarantined}', $quarantinedObjects)
        ], $lagHours = '' ? [] : [$metric('${LEDGER_METRICS.lag}', $number($lagHours))])
      )`),
    }, { Comment: 'What the alarms look at', Output: {}, Next: next }),
  };
}

/** Puts small files together and removes old ones, once a day and after a backfill. */
function maintenance(options: LedgerOptions, tables: readonly LedgerTable[], statements: LedgerStatements): States {
  const optimize = (table: LedgerTable): string => toJsonata([
    `OPTIMIZE ${table.name} REWRITE DATA USING BIN_PACK`,
    ...table.compacted === undefined ? [] : [`WHERE ${table.compacted.replace(/\{(\w+)\}/, (_, name: string) => atRunTime(name))}`],
  ].join('\n'));
  return {
    IsMaintenanceDue: choice('Once a day, and after a backfill', [['$isMaintenanceDue', 'TakeMonths']], 'Done'),
    TakeMonths: assign('Takes this month and the one before', jsonataEach({
      sinceDay: SINCE_DAY, sincePeriod: `$substring(${SINCE_DAY}, 0, 7)`, days: DAYS_OF_TWO_MONTHS,
    }), 'ReplaceDailyOfMonths'),
    ReplaceDailyOfMonths: query(options, statements.replaceDaily, {
      next: 'MaintainTables', comment: 'Makes the totals anew for prices that have become known since',
    }),
    MaintainTables: maintainTables({
      place: options,
      next: options.teams.length > 0 ? 'MaintainTeams' : 'RecordMaintenance',
      items: jsonata(`[${tables.map(table => `{ 'name': '${table.name}', 'optimize': ${optimize(table)} }`).join(', ')}]`),
    }),
    ...options.teams.length > 0 ? maintainCopies(options, 'RecordMaintenance') : {},
    RecordMaintenance: query(options,
      `INSERT INTO ledger_health (run_at, run_id, kind)\nVALUES (TIMESTAMP '${atRunTime('run_at')}', '${atRunTime('run_id')}', 'maintenance')`,
      { next: 'Done', comment: 'Writes that it is done for today' }),
    Done: { Type: 'Succeed', Output: {} },
  };
}
