import * as fc from 'fast-check';
import type { PrincipalFacts } from '../../../../lib/analytics/handlers/dimension-refresher/list-principals.lambda-shared';
import type { ProfileFacts } from '../../../../lib/analytics/handlers/dimension-refresher/list-profiles.lambda-shared';
import {
  type PrincipalRow, type ProfileRow, rememberPrincipals, rememberProfiles,
} from '../../../../lib/analytics/handlers/dimension-refresher/tables.lambda-shared';

const KINDS = ['profile', 'project'] as const;

/** One listing: of which kind, how many days after the one before, and what it found with which source. */
interface Step {
  readonly kind: ProfileFacts['kind'];
  readonly days: number;
  readonly found: Readonly<Record<string, string | null>>;
}

const step = (): fc.Arbitrary<Step> => fc.record({
  kind: fc.constantFrom(...KINDS),
  days: fc.integer({ min: 0, max: 3 }),
  found: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(null, 'nova-lite', 'eu.nova-lite')),
});

const arnOf = (kind: string, id: string): string => `arn:${kind}/${id}`;
const dayAfter = (days: number): string => new Date(Date.UTC(2026, 10, 1 + days)).toISOString().slice(0, 10);

function facts({ kind, found }: Step): ProfileFacts[] {
  return Object.entries(found).map(([id, model]) => ({
    inference_profile_arn: arnOf(kind, id), model_source: model, tags: {}, name: id, kind, account_id: '111122223333', region: 'eu-west-1',
  }));
}

/** Each step with its day. */
function dated(steps: readonly Step[]): (Step & { readonly day: string })[] {
  let days = 0;
  return steps.map(one => ({ ...one, day: dayAfter(days += one.days) }));
}

const apply = (former: readonly ProfileRow[], one: Step & { readonly day: string }): ProfileRow[] =>
  rememberProfiles(former, { rows: facts(one), covers: row => row.kind === one.kind }, one.day);

const play = (steps: readonly Step[]): ProfileRow[] => dated(steps).reduce<ProfileRow[]>(apply, []);

test('every ARN that was ever listed has one row, in the order of the ARNs', () => {
  fc.assert(fc.property(fc.array(step()), steps => {
    const ever = new Set(steps.flatMap(one => Object.keys(one.found).map(id => arnOf(one.kind, id))));
    expect(play(steps).map(row => row.inference_profile_arn)).toEqual([...ever].sort());
  }));
});

test('a profile that was ever listed with a model keeps a source', () => {
  fc.assert(fc.property(fc.array(step()), steps => {
    const resolved = steps.flatMap(({ kind, found }) =>
      Object.entries(found).filter(([, model]) => model !== null).map(([id]) => arnOf(kind, id)));
    const rows = new Map(play(steps).map(row => [row.inference_profile_arn, row.model_source]));
    for (const arn of resolved) expect(rows.get(arn)).not.toBeNull();
  }));
});

test('the days of a row are those of its first and last listing, and of the first listing of its kind after that', () => {
  fc.assert(fc.property(fc.array(step()), steps => {
    const history = dated(steps);
    for (const { kind, name, first_seen, last_seen, deleted_on } of play(steps)) {
      const ofKind = history.filter(one => one.kind === kind);
      const lists = ofKind.map(one => Object.hasOwn(one.found, name ?? ''));
      expect([first_seen, last_seen, deleted_on]).toEqual([
        ofKind[lists.indexOf(true)].day, ofKind[lists.lastIndexOf(true)].day, ofKind[lists.lastIndexOf(true) + 1]?.day ?? null,
      ]);
    }
  }));
});

test('the same listing once more changes nothing', () => {
  fc.assert(fc.property(fc.array(step(), { minLength: 1 }), steps => {
    const rows = play(steps);
    expect(apply(rows, dated(steps).at(-1)!)).toEqual(rows);
  }));
});

test('a listing that is written late takes no day back', () => {
  fc.assert(fc.property(fc.array(step()), step(), fc.nat(9), (steps, late, before) => {
    const rows = play(steps);
    const last = dated(steps).at(-1)?.day ?? dayAfter(0);
    const day = new Date(Date.parse(last) - before * 86_400_000).toISOString().slice(0, 10);
    const after = new Map(apply(rows, { ...late, day }).map(row => [row.inference_profile_arn, row]));
    for (const row of rows) {
      const { last_seen: seen, deleted_on: deleted } = after.get(row.inference_profile_arn)!;
      expect(seen >= row.last_seen).toBe(true);
      expect(deleted === null || deleted >= seen).toBe(true);
    }
  }));
});

test('a principal has a row from the first listing on in which something is known of it', () => {
  const listing = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.record({ isTagged: fc.boolean(), declares: fc.boolean() }));
  fc.assert(fc.property(fc.array(listing), listings => {
    const rows = listings.reduce<PrincipalRow[]>((former, found, index) => rememberPrincipals(former, {
      rows: Object.entries(found).map<PrincipalFacts>(([name, { isTagged, declares }]) => ({
        principal_arn: name,
        tags: Object.fromEntries(isTagged ? [['team', name]] : []),
        declares_for_others: declares ? ['team'] : [],
        account_id: '111122223333',
      })),
      covers: () => true,
    }, dayAfter(index)), []);

    const firstDays = new Map<string, string>();
    const lastTagged = new Map<string, boolean>();
    listings.forEach((found, index) => {
      for (const [name, { isTagged, declares }] of Object.entries(found)) {
        if ((isTagged || declares) && !firstDays.has(name)) firstDays.set(name, dayAfter(index));
        lastTagged.set(name, isTagged);
      }
    });
    expect(rows.map(row => [row.principal_arn, row.first_seen])).toEqual([...firstDays].sort());
    for (const { principal_arn: arn, tags } of rows) expect(tags).toEqual(lastTagged.get(arn) === true ? { team: arn } : {});
  }));
});
