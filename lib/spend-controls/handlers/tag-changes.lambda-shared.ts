import { STACK_DIMENSION } from '../../private/handlers/constants';
import { embeddedMetrics } from '../../private/handlers/embedded-metrics.lambda-shared';
import type { Notice } from '../../private/handlers/notifier.lambda-shared';
import {
  LONGEST_PENDING_METRIC, REFUSED_TAGS_METRIC, TAG_ACTIVE_METRIC, TAG_KEY_DIMENSION, TAG_PENDING_METRIC, tagKeyDimensionValue,
} from './constants';
import { previousState } from './judge-tags.lambda-shared';
import type { TagState, TagStateName, TagStates } from './tag-state.lambda-shared';

/**
 * What is new since the last check, one sentence each. That a key was not seen so far is not: the metric tells how long that has lasted.
 *
 * @param activated the keys that were activated in this check
 */
export function changesOf(before: TagStates, after: TagStates, activated: readonly string[]): string[] {
  return Object.entries(after).flatMap(([key, state]) => {
    const previous = previousState(before, key);
    return [...stateSentence(key, state, previous), ...spellingSentences(key, state, previous, activated)];
  });
}

function stateSentence(key: string, { state, code, message }: TagState, previous: TagState | undefined): string[] {
  if (previous?.state === state) return [];
  switch (state) {
    case 'active': return [`${key} is active.`];
    case 'refused': return [`${key} was refused: ${code ?? 'no code'}: ${message ?? 'no message'}`];
    case 'pending': return previous === undefined ? [] : [`${key} was ${previous.state} and is pending: the account no longer lists it as active.`];
  }
}

function spellingSentences(key: string, { spellings }: TagState, previous: TagState | undefined, activated: readonly string[]): string[] {
  const known = previous?.spellings ?? [];
  return [
    ...spellings.filter(spelling => spelling !== key && !known.includes(spelling)).map(spelling =>
      `${spelling} is listed too, or instead: it stands for ${key} and is treated like it. Tags should be written in one way.`),
    ...previous?.state !== 'active' ? [] : activated.filter(spelling => known.includes(spelling)).map(spelling =>
      `${spelling} had been deactivated by somebody else and was activated again.`),
  ];
}

/** How many keys are in which state, as in `2 active, 1 pending, 0 refused`. */
export function countsOf(states: TagStates): string {
  const all = Object.values(states);
  const count = (name: TagStateName): string => `${all.filter(({ state }) => state === name).length} ${name}`;
  return `${count('active')}, ${count('pending')}, ${count('refused')}`;
}

/** The message about what is new. */
export function noticeOf(stackName: string, states: TagStates, sentences: readonly string[]): Notice {
  return {
    subject: `Bedrock cost allocation tags: ${countsOf(states)}`,
    text: [`Cost allocation tags of the stack ${stackName}:`, ...sentences].join('\n'),
  };
}

/**
 * The states as lines of metrics.
 *
 * @param now in milliseconds
 */
export function tagMetrics(stackName: string, states: TagStates, now: number): object[] {
  const pending = (state: TagState): number => state.state === 'pending' ? Math.max(0, Math.floor((now - Date.parse(state.since)) / 1000)) : 0;
  const all = Object.values(states);
  const byKey = Object.entries(states).map(([key, state]) => embeddedMetrics(
    { [STACK_DIMENSION]: stackName, [TAG_KEY_DIMENSION]: tagKeyDimensionValue(key) },
    {
      [TAG_ACTIVE_METRIC]: { value: state.state === 'active' ? 1 : 0, unit: 'Count' },
      [TAG_PENDING_METRIC]: { value: pending(state), unit: 'Seconds' },
    }, now));
  const ofStack = embeddedMetrics({ [STACK_DIMENSION]: stackName }, {
    [LONGEST_PENDING_METRIC]: { value: Math.max(0, ...all.map(pending)), unit: 'Seconds' },
    [REFUSED_TAGS_METRIC]: { value: all.filter(({ state }) => state === 'refused').length, unit: 'Count' },
  }, now);
  return [...byKey, ofStack];
}
