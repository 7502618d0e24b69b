import fc from 'fast-check';
import { activateTags, type TagWorld } from '../../../lib/spend-controls/handlers/activate-tags.lambda-shared';
import { canonicalTagKey, MOST_STATE_BYTES, type TagActivationSettings } from '../../../lib/spend-controls/handlers/constants';
import { MOST_TAGS_PER_CALL } from '../../../lib/spend-controls/handlers/cost-allocation-tags-api.lambda-shared';
import { claim, letGo } from '../../../lib/spend-controls/handlers/own-tags.lambda-shared';
import { parseRecord, recordText, type TagRecord } from '../../../lib/spend-controls/handlers/tag-state.lambda-shared';

const SELF = { stackName: 'payer', logicalId: 'Tags' };

/** An account in memory that watches what is done with it. */
class Account {
  public readonly tags = new Map<string, boolean>();
  public readonly refused = new Map<string, string>();
  /** What this construct has activated, as the account saw it. */
  public readonly activated = new Set<string>();
  public readonly calls: { readonly keys: readonly string[]; readonly isActive: boolean }[] = [];
  public failing = 0;
  public text: string | undefined;
  public writes = 0;
  public now = Date.parse('2026-11-21T00:00:00Z');

  public readonly world: TagWorld = {
    api: {
      list: () => Promise.resolve([...this.tags].map(([key, isActive]) => ({ key, isActive }))),
      setActive: (keys, isActive) => {
        this.calls.push({ keys, isActive });
        if (this.failing-- > 0) return Promise.reject(new Error('throttled'));
        const refusals = new Map(keys.flatMap(key => {
          const code = this.refused.get(key) ?? (this.tags.has(key) ? undefined : 'TagKeysNotFoundException');
          if (code !== undefined) return [[key, { code, message: 'm'.repeat(500) }] as const];
          if (isActive) this.activated.add(key);
          this.tags.set(key, isActive);
          return [];
        }));
        return Promise.resolve(refusals);
      },
      backfills: () => Promise.resolve([]),
      startBackfill: () => Promise.resolve(true),
    },
    store: {
      read: () => Promise.resolve(parseRecord(this.text)),
      write: record => {
        this.writes++;
        this.text = recordText(record);
        return Promise.resolve();
      },
      clear: () => {
        this.text = undefined;
        return Promise.resolve();
      },
    },
    now: () => this.now,
  };

  public get record(): TagRecord {
    return parseRecord(this.text) ?? { keys: {} };
  }

  public async run(settings: TagActivationSettings, isRequest: boolean): Promise<boolean> {
    const owner = isRequest ? claim(this.record, SELF, settings.parameterName) : undefined;
    const { failure } = await activateTags(this.world, settings, this.record, owner);
    return failure === undefined;
  }
}

const NAMES = ['team', 'service', 'env', 'cost_center'];
const name = fc.constantFrom(...NAMES, ...Array.from({ length: 30 }, (_none, index) => `key${index}`));
const spelling = fc.tuple(fc.constantFrom('', 'iamPrincipal/', 'user:iamPrincipal/', 'aws:PrincipalTag/'), name, fc.boolean())
  .map(([prefix, key, isUpper]) => prefix + (isUpper ? key.toUpperCase() : key));
const wanted = fc.uniqueArray(fc.tuple(fc.constantFrom('', 'iamPrincipal/'), name).map(([prefix, key]) => prefix + key), { minLength: 1, maxLength: 40 });

const settings: fc.Arbitrary<TagActivationSettings> = fc.record({
  parameterName: fc.constant('/p'), tagKeys: wanted, onDelete: fc.constantFrom('leave-active', 'deactivate'),
  backfillFrom: fc.option(fc.constantFrom('2026-01', '2026-05'), { nil: undefined }),
});

/** Something that happens to an account. */
type Happening = (account: Account, current: TagActivationSettings) => unknown;

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.array(fc.tuple(spelling, fc.boolean()), { maxLength: 60 }).map((tags): Happening => account => {
    for (const [key, isActive] of tags) account.tags.set(key, account.tags.get(key) ?? isActive);
  }),
  spelling.map((key): Happening => account => { account.tags.delete(key); }),
  spelling.map((key): Happening => account => { if (account.tags.has(key)) account.tags.set(key, false); }),
  fc.tuple(spelling, fc.constantFrom('LimitExceeded', 'TagKeysNotFoundException')).map(([key, code]): Happening => account => {
    account.refused.set(key, code);
  }),
  fc.constant<Happening>(account => { account.refused.clear(); }),
  fc.integer({ min: 1, max: 2 }).map((times): Happening => account => { account.failing = times; }),
  fc.integer({ min: -3_600_000, max: 90_000_000 }).map((milliseconds): Happening => account => { account.now += milliseconds; }),
  fc.constant<Happening>((account, current) => account.run(current, false)),
  fc.constant<Happening>((account, current) => account.run(current, true)),
);

/** A life of an account: happenings, each under the settings of that time. */
const life = fc.array(fc.tuple(happening, fc.option(settings, { nil: undefined, freq: 3 })), { minLength: 5, maxLength: 30 });

async function live(
  first: TagActivationSettings, happenings: [Happening, TagActivationSettings | undefined][],
  check: (account: Account, before: TagRecord) => void = () => undefined,
): Promise<{ account: Account; last: TagActivationSettings }> {
  const account = new Account();
  let current = first;
  await account.run(current, true);
  for (const [happens, changed] of happenings) {
    const before = account.record;
    if (changed !== undefined) {
      current = changed;
      await account.run(current, true);
    }
    await happens(account, current);
    check(account, before);
  }
  account.failing = 0;
  return { account, last: current };
}

test('whatever happens, there are never more than 20 keys in a call, and nothing that was not activated here is deactivated', async () => {
  await fc.assert(fc.asyncProperty(settings, life, async (first, happenings) => {
    const { account, last } = await live(first, happenings);
    await letGo(account.world, SELF, last.onDelete);
    expect(account.calls.filter(({ keys }) => keys.length < 1 || keys.length > MOST_TAGS_PER_CALL)).toEqual([]);
    const deactivated = account.calls.filter(({ isActive }) => !isActive).flatMap(({ keys }) => keys);
    expect(deactivated.filter(key => !account.activated.has(key))).toEqual([]);
    expect(account.text).toBeUndefined();
  }), { numRuns: 150 });
});

test('whatever happens, only listed spellings of wanted keys are activated', async () => {
  await fc.assert(fc.asyncProperty(settings, life, async (first, happenings) => {
    const everWanted = new Set([first, ...happenings.flatMap(([, changed]) => changed ?? [])]
      .flatMap(({ tagKeys }) => tagKeys.map(canonicalTagKey)));
    const { account } = await live(first, happenings);
    expect([...account.activated].filter(key => !everWanted.has(canonicalTagKey(key)))).toEqual([]);
  }), { numRuns: 100 });
});

test('whatever happens, no state begins before the one that it follows, and the record fits into its parameter', async () => {
  await fc.assert(fc.asyncProperty(settings, life, async (first, happenings) => {
    await live(first, happenings, (account, before) => {
      const { keys } = account.record;
      const backwards = Object.keys(before.keys).filter(key => key in keys && keys[key].since < before.keys[key].since);
      expect(backwards).toEqual([]);
      expect(Buffer.byteLength(account.text ?? '')).toBeLessThanOrEqual(MOST_STATE_BYTES);
    });
  }), { numRuns: 100 });
});

test('after a run every wanted key has one state, which tells how it stands', async () => {
  await fc.assert(fc.asyncProperty(settings, life, async (first, happenings) => {
    const { account, last } = await live(first, happenings);
    await account.run(last, true);
    const { keys } = account.record;
    expect(Object.keys(keys).sort()).toEqual([...last.tagKeys].sort());
    for (const [key, { state }] of Object.entries(keys)) {
      const spellings = [...account.tags].filter(([tag]) => canonicalTagKey(tag) === canonicalTagKey(key));
      const isRefused = spellings.some(([tag, isActive]) => !isActive && account.refused.get(tag) === 'LimitExceeded');
      const isActive = spellings.some(([, active]) => active);
      expect({ key, state }).toEqual({ key, state: isRefused ? 'refused' : isActive ? 'active' : 'pending' });
    }
  }), { numRuns: 100 });
});

test('a second run changes nothing, and asks only for what was refused', async () => {
  await fc.assert(fc.asyncProperty(settings, life, fc.boolean(), async (first, happenings, isRequest) => {
    const { account, last } = await live(first, happenings);
    await account.run(last, true);
    const { text, writes, calls: { length } } = account;
    account.now += 1_000;
    await account.run(last, isRequest);
    expect({ text: account.text, writes: account.writes }).toEqual({ text, writes });
    expect(account.calls.slice(length).flatMap(({ keys }) => keys).filter(key => !account.refused.has(key))).toEqual([]);
  }), { numRuns: 100 });
});
