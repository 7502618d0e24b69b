import fc from 'fast-check';
import { buildReport } from '../src/report/build-report';
import type { Report } from '../src/report/report-contract';
import { openSources } from '../src/sources/sources';
import { expectedSpend, type World } from './helpers/expected-spend';
import { record, temporaryFolder, writeBill, writeLogs } from './helpers/world';

jest.setTimeout(240_000);

const AS_OF = new Date('2026-11-01T00:00:00Z');
const BY = ['team', 'service'];
const ROLES = ['checkout', 'search'];

const caller = fc.constantFrom(...ROLES.flatMap(role => ['a', 'b'].map(session => `arn:aws:sts::111122223333:assumed-role/${role}/${session}`)));
const billCaller = fc.oneof(
  { weight: 6, arbitrary: caller },
  { weight: 1, arbitrary: fc.constantFrom(...ROLES.map(role => `arn:aws:iam::111122223333:role/path/${role}`)) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const value = fc.option(fc.constantFrom('x', 'y'), { nil: undefined });
const tags = fc.record({ team: value, service: value });
const day = fc.constantFrom('2026-10-05', '2026-10-06', '2026-10-31');
const region = fc.constantFrom('us-east-1', 'eu-west-1');

const world: fc.Arbitrary<World> = fc.record({
  records: fc.array(fc.record({
    day, region, caller, input: fc.integer({ min: 0, max: 5000 }), output: fc.integer({ min: 0, max: 3000 }), status: fc.constantFrom('complete', 'complete', 'complete', 'partial', 'failed'),
    metadata: fc.option(tags, { nil: undefined }),
  }), { maxLength: 25 }),
  lines: fc.array(fc.record({
    day, region, caller: billCaller, kind: fc.constantFrom('input', 'input', 'output', 'output', 'mantle', 'guardrail', 'discount'),
    thousandTokens: fc.integer({ min: 0, max: 20 }), cents: fc.integer({ min: 0, max: 5000 }),
    principalTags: tags, resourceTags: tags,
  }), { maxLength: 25 }),
});

async function report(given: World): Promise<Report> {
  const folder = temporaryFolder();
  try {
    const logs = writeLogs(folder.path, given.records.map((call, index) => record({
      requestId: call.requestId ?? `request-${index}`,
      day: call.day,
      region: call.region,
      arn: call.caller,
      operation: 'ConverseStream',
      metadata: call.metadata && defined(call.metadata),
      input: call.input,
      output: call.status === 'partial' ? undefined : call.output,
      errorCode: call.status === 'failed' ? 'ThrottlingException' : undefined,
    })));
    const bill = await writeBill(folder.path, given.lines.map(line => ({
      day: line.day,
      region: line.region,
      principal: line.caller,
      usageType: {
        input: 'USE1-Claude4.6Sonnet-input-tokens',
        output: 'USE1-Claude4.6Sonnet-output-tokens',
        mantle: 'USE1-anthropic.claude-sonnet-4-6-mantle-input-tokens-standard',
        guardrail: 'USE1-Guardrail-ContentPolicyUnitsConsumed',
        discount: 'USE1-Claude4.6Sonnet-input-tokens',
      }[line.kind],
      type: line.kind === 'discount' ? 'EdpDiscount' : 'Usage',
      unit: line.kind === 'guardrail' ? 'text units' : '1K tokens',
      amount: line.thousandTokens,
      usd: (line.kind === 'discount' ? -1 : 1) * line.cents / 100,
      tags: {
        ...prefixed('iamPrincipal/', defined(line.principalTags)),
        ...prefixed('resourceTags/', defined(line.resourceTags)),
      },
    })));
    const sources = await openSources({
      logs: [logs], bill: [bill], cost: 'unblended', attributionOrder: ['iamPrincipal', 'resourceTags'], asOf: AS_OF, settlementHours: 72, by: BY,
    });
    try {
      const { report: built } = await buildReport(sources, { by: BY, asOf: AS_OF });
      const overdrawn = await sources.engine.rows(`
        SELECT * FROM (
          SELECT account_id, region, usage_date, model, token_class, route_class, endpoint, caller, sum(billed_usd) AS split
          FROM attributed_spend GROUP BY ALL
        ) JOIN (
          SELECT account_id, region, usage_date, model, token_class, coalesce(route, 'other') AS route_class, endpoint, caller, sum(billed_usd) AS billed
          FROM billed_usage GROUP BY ALL
        ) bill USING (account_id, region, usage_date, route_class)
        WHERE bill.model IS NOT DISTINCT FROM attributed_spend.model AND bill.token_class IS NOT DISTINCT FROM attributed_spend.token_class
          AND bill.endpoint IS NOT DISTINCT FROM attributed_spend.endpoint AND bill.caller IS NOT DISTINCT FROM attributed_spend.caller
          AND abs(split - billed) > 1e-6`.replaceAll('attributed_spend.', 'unnamed_subquery.'));
      expect(overdrawn).toEqual([]);
      return built;
    } finally {
      sources.engine.close();
    }
  } finally {
    folder.remove();
  }
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, text]) => text === undefined ? [] : [[key, text]]));
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [prefix + key, text]));
}

/** Groups and reasons of the report against what a plain loop over the same world says. */
function expectSpend(built: Report, given: World): void {
  const expected = expectedSpend(given, BY, AS_OF);
  const groups = Object.fromEntries(built.groups.map(group => [JSON.stringify(BY.map(key => group.keys[key])), group]));
  for (const [keys, { enforced, declared, unknown }] of expected.groups) {
    expect(groups[keys].billed_usd).toBeCloseTo(enforced + declared + unknown, 6);
    expect(groups[keys].enforced_usd).toBeCloseTo(enforced, 6);
    expect(groups[keys].declared_usd).toBeCloseTo(declared, 6);
  }
  const reasons = Object.fromEntries(built.unattributed.map(({ reason, usd }) => [reason, usd]));
  for (const reason of new Set([...Object.keys(reasons), ...expected.reasons.keys()])) {
    expect({ reason, usd: (reasons[reason] ?? 0).toFixed(6) }).toEqual({ reason, usd: (expected.reasons.get(reason) ?? 0).toFixed(6) });
  }
}

function expectIdentity(built: Report): void {
  const { totals, groups, unattributed } = built;
  expect(groups.reduce((sum, group) => sum + (group.billed_usd ?? 0), 0)).toBeCloseTo(totals.billed_usd!, 6);
  expect(totals.attributed_usd! + totals.unattributed_usd!).toBeCloseTo(totals.billed_usd!, 6);
  expect(unattributed.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(totals.unattributed_usd!, 6);
}

describe('every billed dollar of a random month', () => {
  test('goes to a group or to a reason, as a plain loop over the same month says', async () => {
    await fc.assert(fc.asyncProperty(world, async (given) => {
      const built = await report(given);
      expectIdentity(built);
      expectSpend(built, given);
    }), { numRuns: 25, endOnFailure: true });
  });

  test('stays where it is when records are delivered twice', async () => {
    await fc.assert(fc.asyncProperty(world, async (given) => {
      const numbered = { ...given, records: given.records.map((call, index) => ({ ...call, requestId: `request-${index}` })) };
      const twice = { ...numbered, records: [...numbered.records, ...numbered.records.slice(0, 5)] };
      const [once, again] = [await report(numbered), await report(twice)];
      expect(again.groups).toEqual(once.groups);
      expect(again.unattributed).toEqual(once.unattributed);
      expect(again.totals).toEqual({ ...once.totals, duplicate_records: Math.min(5, given.records.length) });
    }), { numRuns: 6, endOnFailure: true });
  });

  test('moves as predicted when a record is lost, and when it comes late with another day', async () => {
    await fc.assert(fc.asyncProperty(world, fc.nat(), async (given, pick) => {
      fc.pre(given.records.length > 0);
      const at = pick % given.records.length;
      const lost = { ...given, records: given.records.filter((_, index) => index !== at) };
      const late = { ...given, records: given.records.map((call, index) => index === at ? { ...call, day: '2026-10-07' } : call) };
      for (const changed of [lost, late]) {
        const built = await report(changed);
        expectIdentity(built);
        expectSpend(built, changed);
      }
    }), { numRuns: 8, endOnFailure: true });
  });
});
