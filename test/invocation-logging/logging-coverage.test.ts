import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { record, temporaryFolder, withSources, writeBill, writeLogs } from '../../cli/test/helpers/world';
import { LoggingCoverage, type ActivePlace, type LoggingPlace } from '../../lib/invocation-logging/logging-coverage';
import { LoggingCoverageError } from '../../lib/invocation-logging/validate-logging-coverage';

const A = '111122223333';
const B = '000000000001';
const EAST = 'us-east-1';
const WEST = 'eu-west-1';

function place(accountId: string, region: string, activity: Partial<ActivePlace> = {}): ActivePlace {
  return { accountId, region, ...activity };
}

describe('a place', () => {
  test('is silent when it is used and not logged', () => {
    const active = [place(A, EAST, { billedUsd: 3 }), place(A, WEST, { invocations: 2 }), place(B, EAST)];
    const { silent, covered, idle, isComplete } = LoggingCoverage.compare({ active, logged: [place(A, EAST)] });
    expect({ silent, covered, idle, isComplete }).toEqual({
      silent: [place(B, EAST), place(A, WEST, { invocations: 2 })],
      covered: [place(A, EAST, { billedUsd: 3 })],
      idle: [],
      isComplete: false,
    });
  });

  test('is covered by its own account and Region only', () => {
    const { silent } = LoggingCoverage.compare({ active: [place(A, EAST)], logged: [place(A, WEST), place(B, EAST)] });
    expect(silent).toEqual([place(A, EAST)]);
  });

  test('is idle when it is logged and not used', () => {
    const coverage = LoggingCoverage.compare({ active: [place(A, EAST, { billedUsd: 0, invocations: 0 })], logged: [place(A, EAST)] });
    expect(coverage.idle).toEqual([place(A, EAST)]);
    expect(coverage.covered).toEqual([]);
    expect(coverage.isComplete).toBe(true);
  });

  test.each([
    ['calls that cost nothing', { billedUsd: 0, invocations: 1 }, true],
    ['a credit', { billedUsd: -1 }, true],
    ['nothing said', {}, true],
    ['nothing billed', { billedUsd: 0 }, false],
    ['no calls', { invocations: 0 }, false],
  ])('with %s counts as used: %s %s', (_, activity, isUsed) => {
    expect(LoggingCoverage.compare({ active: [place(A, EAST, activity)], logged: [] }).isComplete).toBe(!isUsed);
  });

  test('is the sum of its parts', () => {
    const active = [
      place(A, EAST, { billedUsd: 1, invocations: 2 }), place(A, EAST, { billedUsd: 3 }), place(A, EAST, { invocations: 4 }),
      place(A, WEST, { billedUsd: 1 }), place(A, WEST, { billedUsd: -1 }),
    ];
    expect(LoggingCoverage.compare({ active, logged: [] }).silent).toEqual([place(A, EAST, { billedUsd: 4, invocations: 6 })]);
  });

  test('stays used when only one of its parts says that nothing was billed', () => {
    expect(LoggingCoverage.compare({ active: [place(A, EAST), place(A, EAST, { billedUsd: 0 })], logged: [] }).silent).toHaveLength(1);
  });
});

const PLACE: fc.Arbitrary<LoggingPlace> = fc.record({ accountId: fc.constantFrom(A, B), region: fc.constantFrom(EAST, WEST, 'us-west-2') });
const ACTIVE: fc.Arbitrary<ActivePlace> = fc.tuple(PLACE, fc.record({ billedUsd: fc.nat(2), invocations: fc.nat(2) }, { requiredKeys: [] }))
  .map(([where, activity]) => ({ ...where, ...activity }));

test('the order of the input and places that are named twice change nothing', () => {
  fc.assert(fc.property(fc.array(ACTIVE), fc.array(PLACE), (active, logged) => {
    const straight = LoggingCoverage.compare({ active, logged });
    expect(LoggingCoverage.compare({ active: [...active].reverse(), logged: [...logged, ...logged].reverse() })).toEqual(straight);
  }), { endOnFailure: true });
});

test('every place that is used or logged is in one list', () => {
  fc.assert(fc.property(fc.array(ACTIVE), fc.array(PLACE), (active, logged) => {
    const { silent, covered, idle } = LoggingCoverage.compare({ active, logged });
    const names = [...silent, ...covered, ...idle].map(({ accountId, region }) => `${accountId} ${region}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set([...covered, ...idle].map(({ accountId, region }) => `${accountId} ${region}`))).toEqual(
      new Set(logged.map(({ accountId, region }) => `${accountId} ${region}`)));
  }), { endOnFailure: true });
});

test('silent places are those of the view logging_coverage', async () => {
  const line = fc.record({ where: PLACE, usd: fc.nat(2), day: fc.integer({ min: 5, max: 7 }), isMantle: fc.boolean() });
  const month = fc.tuple(fc.array(line, { minLength: 1, maxLength: 8 }), fc.array(PLACE, { minLength: 1, maxLength: 4 }));
  await fc.assert(fc.asyncProperty(month, async ([lines, logged]) => {
    const folder = temporaryFolder();
    try {
      const bill = await writeBill(folder.path, lines.map(({ where, usd, day, isMantle }) => ({
        account: where.accountId, region: where.region, usd, day: `2026-10-0${day}`,
        usageType: isMantle ? 'USE1-openai.gpt-oss-120b-mantle-input-tokens-standard' : 'USE1-Claude4.6Sonnet-input-tokens',
      })));
      const records = writeLogs(folder.path, logged.map((where, index) => record({ requestId: `r${index}`, day: '2026-10-06', ...where })));
      const rows = await withSources({ logs: [records], bill: [bill] }, async ({ engine }) => engine.rows(`
        SELECT account_id, region FROM logging_coverage GROUP BY ALL
        HAVING sum(runtime_token_usd) <> 0 AND sum(logged_requests) = 0 ORDER BY account_id, region`));
      const active = lines.filter(({ isMantle }) => !isMantle).map(({ where, usd }) => ({ ...where, billedUsd: usd }));
      const { silent } = LoggingCoverage.compare({ active, logged });
      expect(silent.map(({ accountId, region }) => ({ account_id: accountId, region }))).toEqual(rows.map(row => ({ ...row })));
    } finally {
      folder.remove();
    }
  }), { endOnFailure: true, numRuns: 6 });
});

test('the comparison needs nothing of the CDK', () => {
  for (const file of ['logging-coverage', 'validate-logging-coverage']) {
    const text = readFileSync(join(__dirname, `../../lib/invocation-logging/${file}.ts`), 'utf8');
    expect(text).not.toMatch(/from '(aws-cdk-lib|constructs)/);
  }
});

describe('fails', () => {
  const problemsOf = (active: ActivePlace[], logged: LoggingPlace[] = []): { code: string; message: string }[] => {
    try {
      LoggingCoverage.compare({ active, logged });
    } catch (error) {
      if (error instanceof LoggingCoverageError) return error.problems;
      throw error;
    }
    return [];
  };

  test.each([
    ['an account of 11 digits', place('11112222333', EAST), 'accountId', 'active[0].accountId: got "11112222333", allowed is 12 digits; write it with its leading zeros'],
    ['an account of 13 digits', place('1111222233334', EAST), 'accountId', 'got "1111222233334"'],
    ['no Region', place(A, ''), 'region', 'active[0].region: got "", allowed is the code of a Region; write it like eu-central-1'],
    ['the name of a Region', place(A, 'EU (Frankfurt)'), 'region', 'got "EU (Frankfurt)"'],
    ['dollars that are no number', place(A, EAST, { billedUsd: NaN }), 'billedUsd', 'got "NaN", allowed is a number of dollars'],
    ['half a call', place(A, EAST, { invocations: 0.5 }), 'invocations', 'got "0.5", allowed is a whole number from 0'],
    ['less than no calls', place(A, EAST, { invocations: -1 }), 'invocations', 'got "-1"'],
  ])('with %s', (_, active, code, message) => {
    expect(problemsOf([active])).toEqual([expect.objectContaining({ code, message: expect.stringContaining(message) })]);
  });

  test('with everything that is wrong at once', () => {
    expect(problemsOf([place('1', ''), place(A, EAST)], [place(A, ''), place('', EAST)]).map(({ code }) => code)).toEqual([
      'accountId', 'region', 'region', 'accountId',
    ]);
    expect(() => LoggingCoverage.compare({ active: [place('1', '')], logged: [] })).toThrow('the logging coverage has 2 problems:\n  - active[0].accountId');
  });
});
