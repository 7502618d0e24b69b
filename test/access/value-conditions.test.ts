import * as fc from 'fast-check';
import { callerTagKeys, isNotPermitted, isPermitted, ownValue, permittedValues, ridesOnCaller } from '../../lib/access/value-conditions';
import { AttributionKey, AttributionSchema, Carrier, type AttributionKeyProps } from '../../lib/schema';
import { isAllowed, type Authorization, type Statement } from '../support/evaluate-policy';

const TAG = 'aws:PrincipalTag/k';

function makeKey(props: Partial<AttributionKeyProps>): AttributionKey {
  const key = AttributionKey.of('k', { description: 'A key.', ...props });
  return new AttributionSchema({ version: 1, keys: [key] }).keys[0];
}

function call(value?: string): Authorization[] {
  return [{ action: 'bedrock:InvokeModel', resource: '*', context: value === undefined ? {} : { [TAG]: value } }];
}

/** Whether a policy that allows what is permitted, and one that denies what is not, let a value pass. */
function verdicts(key: AttributionKey, value?: string): boolean[] {
  const statement = { Action: '*', Resource: '*' };
  const allow: Statement = { ...statement, Effect: 'Allow', Condition: isPermitted(TAG, permittedValues(key)) };
  const deny: Statement = { ...statement, Effect: 'Deny', Condition: isNotPermitted(TAG, permittedValues(key)) };
  return [isAllowed([allow], call(value)), isAllowed([{ ...statement, Effect: 'Allow' }, deny], call(value))];
}

const PASSES = [true, true];
const FAILS = [false, false];

/** Patterns of the subset that schemas take: text, classes, quantifiers, groups, alternatives, escapes and anchors. */
const pattern: fc.Arbitrary<string> = fc.letrec<Record<'whole' | 'alternatives' | 'sequence' | 'piece' | 'atom', string>>(tie => ({
  whole: fc.tuple(fc.constantFrom('', '^'), tie('alternatives'), fc.constantFrom('', '$')).map(parts => parts.join('')),
  alternatives: fc.oneof({ weight: 4, arbitrary: tie('sequence') }, { weight: 1, arbitrary: fc.tuple(tie('sequence'), tie('sequence')).map(parts => parts.join('|')) }),
  sequence: fc.array(tie('piece'), { minLength: 1, maxLength: 5 }).map(parts => parts.join('')),
  piece: fc.tuple(tie('atom'), fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,2}', '{1,}', '??', '*?')).map(parts => parts.join('')),
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'B', '7', '_', ':', '=', '@', ' ', '-', 'cc', 'team', '/'),
    fc.constantFrom('.', '\\d', '\\w', '[0-9]', '[a-z]', '[a-zA-Z0-9_-]', '[|]', '\\.', '\\+', '\\/'),
    tie('sequence').map(inner => `(?:${inner})`),
    tie('alternatives').map(inner => `(${inner})`),
  ),
})).whole;

const valid = pattern.filter(text => {
  try {
    makeKey({ pattern: text });
    return true;
  } catch {
    return false;
  }
});

/** A pattern and a text that matches all of it, as the schema reads patterns. */
const matched = valid.chain(text => fc.stringMatching(new RegExp(`^(?:${text})$`)).map(value => ({ pattern: text, value })))
  .filter(({ value }) => value.length <= 256);

describe('patterns', () => {
  test('let every value of the schema pass', () => {
    fc.assert(fc.property(matched.filter(({ value }) => value !== ''), ({ pattern: text, value }) => {
      expect(verdicts(makeKey({ pattern: text }), value)).toEqual(PASSES);
    }), { endOnFailure: true, numRuns: 200 });
  });

  test('let no empty value pass, and no caller without the tag', () => {
    fc.assert(fc.property(valid, text => {
      expect(verdicts(makeKey({ pattern: text }), '')).toEqual(FAILS);
      expect(verdicts(makeKey({ pattern: text }))).toEqual(FAILS);
    }), { endOnFailure: true, numRuns: 200 });
  });

  test.each([
    ['cc-[0-9]{4}', 'cc-*'],
    ['^cc-[0-9]{4}$', 'cc-*'],
    ['cc-\\d+', 'cc-*'],
    ['[a-z]+', '?*'],
    ['team', 'team*'],
    ['team-(a|b)', '?*'],
    ['a|b', '?*'],
    ['teams?', 'team*'],
    ['teams*', 'team*'],
    ['teams+', 'teams*'],
    ['teams{2}', 'team*'],
    ['t?eam', '?*'],
    ['a\\.b\\+c\\/d[0-9]', 'a.b+c/d*'],
    ['a\\.?b', 'a*'],
    ['a.b', 'a*'],
    ['a b:c=d@e_f/g-[0-9]', 'a b:c=d@e_f/g-*'],
    ['(?:ab)+', '?*'],
  ])('%s is told by policies as %s', (text, told) => {
    expect(permittedValues(makeKey({ pattern: text }))).toEqual({ operator: 'StringLike', values: [told] });
  });
});

describe('listed values', () => {
  const values = fc.uniqueArray(fc.stringMatching(/^[a-zA-Z0-9_.:/=+@ -]{1,20}$/), { minLength: 1, maxLength: 10 });

  test('pass, and nothing else does', () => {
    fc.assert(fc.property(values, fc.string(), (allowedValues, other) => {
      const key = makeKey({ allowedValues });
      for (const value of allowedValues) expect(verdicts(key, value)).toEqual(PASSES);
      expect(verdicts(key, other)).toEqual(allowedValues.includes(other) ? PASSES : FAILS);
    }), { endOnFailure: true });
  });

  test('pass in their own case only', () => {
    expect(verdicts(makeKey({ allowedValues: ['prod'] }), 'Prod')).toEqual(FAILS);
  });

  test('are not there: no empty value and no caller without the tag', () => {
    expect(verdicts(makeKey({ allowedValues: ['prod'] }), '')).toEqual(FAILS);
    expect(verdicts(makeKey({ allowedValues: ['prod'] }))).toEqual(FAILS);
  });
});

describe('any value', () => {
  test.each<[string, Partial<AttributionKeyProps>]>([
    ['a key without rules', {}],
    ['a personal key, whatever its rules, since what arrives is a hash', { personal: true, allowedValues: ['alice'] }],
    ['a personal key with a pattern', { personal: true, pattern: 'u-[0-9]+' }],
  ])('but an empty one passes for %s', (_, props) => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), value => {
      expect(verdicts(makeKey(props), value)).toEqual(PASSES);
    }), { endOnFailure: true });
    expect(verdicts(makeKey(props), '')).toEqual(FAILS);
    expect(verdicts(makeKey(props))).toEqual(FAILS);
  });
});

describe("the caller's own value", () => {
  const statements: Statement[] = [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action: '*', Resource: '*', Condition: { StringNotEquals: { 'aws:ResourceTag/k': ownValue(makeKey({})) } } },
  ];
  const decide = (own?: string, other?: string): boolean => isAllowed(statements, [{
    action: 'bedrock:InvokeModel',
    resource: '*',
    context: { ...own === undefined ? {} : { [TAG]: own }, ...other === undefined ? {} : { 'aws:ResourceTag/k': other } },
  }]);

  test('is compared with that of others', () => {
    const value = fc.stringMatching(/^[a-zA-Z0-9_.:/=+@-]{1,5}$/);
    fc.assert(fc.property(value, value, (own, other) => {
      expect(decide(own, own)).toBe(true);
      expect(decide(own, other)).toBe(own === other);
    }), { endOnFailure: true });
  });

  test('equals nothing where it is missing, not even what is missing as well', () => {
    expect([decide(undefined, 'x'), decide(undefined, undefined), decide('x', undefined)]).toEqual([false, false, false]);
  });
});

describe('the tag keys of callers', () => {
  const { PRINCIPAL_TAG, SESSION_TAG, RESOURCE_TAG, REQUEST_METADATA } = Carrier;

  test('are all spellings that principals and sessions may have, each once, of deprecated keys too', () => {
    const schema = new AttributionSchema({
      version: 2,
      keys: [
        AttributionKey.of('team', { description: 'Who pays.' }),
        AttributionKey.of('cost_center', { description: 'Who is charged.', spellings: { principalTag: 'CostCenter', sessionTag: 'SessionCostCenter' } }),
        AttributionKey.of('squad', { description: 'Who paid.', deprecatedInFavourOf: 'team', carriers: [PRINCIPAL_TAG] }),
        AttributionKey.of('tenant', { description: 'For whom.', carriers: [SESSION_TAG, REQUEST_METADATA] }),
        AttributionKey.of('asset', { description: 'What.', carriers: [RESOURCE_TAG] }),
      ],
    });
    expect(callerTagKeys(schema)).toEqual(['team', 'CostCenter', 'SessionCostCenter', 'squad', 'tenant']);
  });

  test.each<[Carrier, boolean]>([[PRINCIPAL_TAG, true], [SESSION_TAG, true], [RESOURCE_TAG, false], [REQUEST_METADATA, false]])('%s alone makes a key ride on the caller: %p', (carrier, rides) => {
    expect(ridesOnCaller(makeKey({ carriers: [carrier] }))).toBe(rides);
  });
});
