import {
  answerExpressions, assign, call, choice, jsonata, jsonataEach, query, type QueryPlace, readAnswer, type State, type States,
} from '../private/athena-states';
import { METRIC_NAMESPACE } from '../private/handlers/constants';
import { CHANGED_MONTHS_METRIC, DATABASE_DIMENSION } from './closing-metrics';
import type { ClosingStatements } from './closing-statements';

/** What the state machine of a closing depends on. */
export interface ClosingOptions extends QueryPlace {
  readonly statements: ClosingStatements;
  /** How many keys have to explain what was billed. */
  readonly keyCount: number;
  /** Last day of the month on which a run waits for the next one when the month before is not settled. */
  readonly lastDay: number;
  readonly topicArn?: string;
  readonly runbook: string;
}

/** By how many dollars a key may miss what was billed: what adding up many lines in another order makes of them. */
export const TOLERANCE_USD = 0.001;

const CHECKED = ['billedLines', 'billedUsd', 'explainingKeys', 'differenceUsd', 'unsettledLines', 'frozenLines'];
const CHANGED = ['changedPeriods', 'firstChanged', 'lastChanged', 'changedUsd'];

const ISO_MONTH = `$isoMonth := function($number) { $string($floor($number / 12)) & '-' & $formatInteger($number % 12 + 1, '00') };`;
const STARTED = '$states.context.Execution.StartTime';

/** The month that the input names, or the one before the month of the run. */
export const PERIOD = `(
  ${ISO_MONTH}
  $exists($states.input.period) ? $string($states.input.period)
    : $isoMonth($number($substring(${STARTED}, 0, 4)) * 12 + $number($substring(${STARTED}, 5, 2)) - 2)
)`;

/** Why the month cannot be closed, as a sentence; empty when it may be. */
export const PROBLEM = `(
  $not($contains($period, /^[0-9]{4}-(0[1-9]|1[0-2])$/)) ? 'period is "' & $period & '": use a month, as in 2026-10' :
  $period >= $substring(${STARTED}, 0, 7) ? 'period is ' & $period & ', which has not ended: use a month before ' & $substring(${STARTED}, 0, 7) : ''
)`;

const addsUp = (keyCount: number): string => `$number($explainingKeys) = ${keyCount} and $number($differenceUsd) <= ${TOLERANCE_USD}`;

/**
 * The state machine that closes a month, in the Amazon States Language with JSONata.
 *
 * Every step may be repeated: a month is closed once, whoever asks, and however often.
 */
export function closingDefinition(options: ClosingOptions): State {
  return {
    Comment: 'Freezes what the bill of a month says, once it is settled and adds up',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: 6 * 3600,
    StartAt: 'Begin',
    States: { ...examination(options), ...freezing(options), ...looking(options) },
  };
}

function examination(options: ClosingOptions): States {
  return {
    Begin: assign('Takes the month, and the start of the run as its clock', {
      period: jsonata(PERIOD),
      startedOn: jsonata(`$number($substring(${STARTED}, 8, 2))`),
      closedAt: jsonata(`$fromMillis($toMillis(${STARTED}), '[Y0001]-[M01]-[D01] [H01]:[m01]:[s01].[f001]')`),
      isAsked: jsonata('$exists($states.input.period)'),
      why: jsonata(`''`),
    }, 'JudgePeriod'),
    JudgePeriod: assign('Looks whether it is a month that has ended', { problem: jsonata(PROBLEM) }, 'IsPeriodGood'),
    IsPeriodGood: choice('Nothing is done with an input that is not understood', [[`$problem = ''`, 'Check']], 'InvalidInput'),
    InvalidInput: { Type: 'Fail', Error: 'InvalidInput', Cause: jsonata('$problem') },
    Check: query(options, options.statements.check, { next: 'ReadCheck', comment: 'Looks whether the month is settled and adds up' }),
    ReadCheck: readAnswer(options, answerExpressions(CHECKED), 'Decide', 'Takes the answer'),
    Decide: choice('A closed month stays as it is; an open one has to add up, and to be settled', [
      ['$number($frozenLines) > 0', 'LookBack'],
      ['$number($billedLines) = 0', 'NothingBilled'],
      [`$not(${addsUp(options.keyCount)})`, 'DoesNotAddUp'],
      ['$number($unsettledLines) = 0', 'Freeze'],
      [`$not($isAsked) and $startedOn < ${options.lastDay}`, 'Waits'],
    ], 'NotSettled'),
    NothingBilled: assign('There is nothing to close', {
      why: jsonata(`'the bill has no line of Amazon Bedrock for ' & $period`),
    }, 'LookBack'),
    Waits: assign('The next day may close the month', {
      why: jsonata(`$unsettledLines & ' lines of ' & $period & ' are not settled yet'`),
    }, 'LookBack'),
    DoesNotAddUp: {
      Type: 'Fail',
      Error: 'DoesNotAddUp',
      Cause: jsonata(`'what the keys explain of ' & $period & ' misses what was billed by ' & $differenceUsd & ' USD, with ' & $explainingKeys
        & ' of ${options.keyCount} keys: run the saved query money_identity, see ${options.runbook}'`),
    },
    NotSettled: {
      Type: 'Fail',
      Error: 'NotSettled',
      Cause: jsonata(`$unsettledLines & ' lines of ' & $period & ' are younger than the settlement window: close it later, see ${options.runbook}'`),
    },
  };
}

function freezing(options: ClosingOptions): States {
  const told = options.topicArn === undefined ? 'LookBack' : 'TellClosing';
  return {
    Freeze: query(options, options.statements.freeze, { next: 'CheckFrozen', comment: 'Writes the statement of the month' }),
    CheckFrozen: query(options, options.statements.checkFrozen, { next: 'ReadFrozen', comment: 'Looks whether what was written adds up' }),
    ReadFrozen: readAnswer(options, answerExpressions(CHECKED), 'IsFrozen', 'Takes the answer'),
    IsFrozen: choice('What was written is what was billed', [[`$number($billedLines) > 0 and ${addsUp(options.keyCount)}`, told]], 'FrozenDiffers'),
    FrozenDiffers: {
      Type: 'Fail',
      Error: 'FrozenDiffers',
      Cause: jsonata(`'the statement of ' & $period & ' misses what was billed by ' & $differenceUsd & ' USD: see ${options.runbook}'`),
    },
    ...options.topicArn === undefined ? {} : {
      TellClosing: tell(options, options.topicArn, `'Bedrock cost of ' & $period & ' is closed'`,
        `'The bill of Amazon Bedrock for ' & $period & ' is closed at ' & $formatNumber($number($billedUsd), '#,##0.00') & ' USD before tax, credits and refunds. '
          & 'Its statement is in the table closing_statements.'`, 'LookBack'),
    },
  };
}

/** What AWS changes later stays visible: the frozen lines do not follow. */
function looking(options: ClosingOptions): States {
  const { databaseName, statements, topicArn } = options;
  return {
    LookBack: query(options, statements.changes, { next: 'ReadChanges', comment: 'Looks whether closed months have changed since' }),
    ReadChanges: readAnswer(options, answerExpressions(CHANGED), 'PutMetric', 'Takes the answer'),
    PutMetric: call(options, 'aws-sdk:cloudwatch:putMetricData', {
      Namespace: METRIC_NAMESPACE,
      MetricData: [{
        MetricName: CHANGED_MONTHS_METRIC,
        Dimensions: [{ Name: DATABASE_DIMENSION, Value: databaseName }],
        Unit: 'Count',
        Value: jsonata('$number($changedPeriods)'),
      }],
    }, { Comment: 'Has a figure for the alarm', Output: {}, Next: topicArn === undefined ? 'Done' : 'HasChanged' }),
    ...topicArn === undefined ? {} : {
      HasChanged: choice('Somebody hears of changes', [['$number($changedPeriods) > 0', 'TellChanges']], 'Done'),
      TellChanges: tell(options, topicArn, `'Closed months of the Bedrock bill have changed'`,
        `'Since they were closed, the bill has changed by ' & $formatNumber($number($changedUsd), '#,##0.00') & ' USD in ' & $changedPeriods & ' of them, '
          & $firstChanged & ' to ' & $lastChanged & '. What was closed stays as it is: see ${options.runbook}'`, 'Done'),
    },
    Done: { Type: 'Succeed', Output: jsonataEach({ closed: `$why = ''`, why: '$why', period: '$period', changedPeriods: '$number($changedPeriods)' }) },
  };
}

function tell(place: QueryPlace, topicArn: string, subject: string, message: string, next: string): State {
  return call(place, 'sns:publish', { TopicArn: topicArn, ...jsonataEach({ Subject: subject, Message: message }) }, {
    Comment: 'Tells whoever listens', Output: {}, Next: next,
  });
}
