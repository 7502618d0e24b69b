import * as fc from 'fast-check';
import type { Problem } from '../../../lib/schema';
import { Attribution, AttributionError } from '../../src';
import { hashPersonal } from '../../src/personal-values';
import { anyCall, anyText, BASE, HASH_KEY, KEY_NAMES, POLICIES, schema } from './arbitraries';
import { stamped, textOf } from './stamped';

const MARK = 'ann-of-the-secret';

/** A text that can be found again, among any others. */
const personal = fc.tuple(anyText, anyText).map(([before, after]) => `${before}${MARK}${after}`);
const PERSONAL_KEYS = ['user_hash', 'grade', 'User_Hash', 'GRADE'] as const;
const PLACES = ['context', 'pinned', 'command', 'map of the call site', 'text of the call site', 'broken text of the call site'] as const;

const CASES = POLICIES.flatMap(onInvalid => [HASH_KEY, undefined].flatMap(personalHashKey => (
  PLACES.map(place => [onInvalid, personalHashKey === undefined ? 'without' : 'with', place, personalHashKey] as const)
)));

test.each(CASES)('under %s, %s a secret, a personal value of the %s is nowhere to be read', (onInvalid, _, place, personalHashKey) => {
  const warnings: Problem[] = [];
  const onWarning = (problem: Problem): void => { warnings.push(problem); };
  const calls = new Attribution(schema, BASE, { onInvalid, personalHashKey, onWarning });
  fc.assert(fc.property(anyCall(KEY_NAMES), fc.constantFrom(...PERSONAL_KEYS), personal, (call, key, value) => {
    warnings.length = 0;
    const values = { [key]: value };
    const text = JSON.stringify(values);
    const { stamp, error } = stamped(calls, {
      ...call,
      ...place === 'context' ? { contexts: [...call.contexts, values] } : {},
      ...place === 'pinned' ? { pinned: { ...call.pinned, ...values } } : {},
      ...place === 'command' ? { command: { ...call.command, ...values } } : {},
      ...place === 'map of the call site' ? { callerMetadata: values } : {},
      ...place === 'text of the call site' ? { callerMetadata: text } : {},
      ...place === 'broken text of the call site' ? { callerMetadata: text.slice(0, -1) } : {},
    });
    const shown = [stamp?.header, JSON.stringify(stamp?.metadata), textOf(warnings), error?.stack, textOf(error?.problems ?? [])];
    expect(shown.join('\n')).not.toContain(MARK);
  }));
});

test('a personal value of the client is nowhere to be read', () => {
  fc.assert(fc.property(fc.constantFrom(...PERSONAL_KEYS), personal, fc.constantFrom(HASH_KEY, undefined), (key, value, secret) => {
    let shown;
    try {
      shown = new Attribution(schema, { ...BASE, [key]: value }, { personalHashKey: secret }).stamp().header!;
    } catch (error) {
      if (!AttributionError.is(error)) throw error;
      shown = `${error.stack ?? ''}${textOf(error.problems)}`;
    }
    expect(shown).not.toContain(MARK);
  }));
});

test('a personal value arrives as its hash, whatever it is', () => {
  const calls = new Attribution(schema, BASE, { onInvalid: 'throw', personalHashKey: HASH_KEY });
  fc.assert(fc.property(personal, value => {
    const { stamp } = stamped(calls, { contexts: [{ user_hash: value }], pinned: {}, callerMetadata: undefined });
    expect(stamp?.metadata).toEqual({ ...BASE, user_hash: hashPersonal(value, HASH_KEY) });
  }));
});
