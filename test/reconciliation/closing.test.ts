import fc from 'fast-check';
import { type BillLine, temporaryFolder, withSources, writeBill } from '../../cli/test/helpers/world';
import { hiveType } from '../../lib/analytics/sql/view-columns';
import { ledgerTables } from '../../lib/analytics/usage-ledger/ledger-tables';
import { closingDefinition } from '../../lib/reconciliation/closing-definition';
import { closingStatements } from '../../lib/reconciliation/closing-statements';
import { VIEW_PARAMETERS } from '../analytics/usage-ledger/view-parameters';
import { type Outcome, runStateMachine, StateError } from '../support/run-state-machine';

jest.setTimeout(120_000);

/** How a run ended, and what it did on the way. */
interface Run extends Outcome {
  readonly told: string[];
  readonly changedMonths?: number;
}

interface Line {
  readonly line: string;
  readonly attribution_key: string | null;
  readonly key_value: string | null;
  readonly detail: string;
  readonly usd: number;
}

/** The closing of a bill on the embedded engine: the very statements and states that are deployed. */
class Office {
  public static async with<T>(lines: readonly BillLine[], use: (office: Office) => Promise<T>): Promise<T> {
    const folder = temporaryFolder();
    try {
      const bill = await writeBill(folder.path, lines);
      return await withSources({ bill: [bill], by: [], asOf: new Date('2026-11-21') }, async ({ engine }) => {
        const table = ledgerTables(VIEW_PARAMETERS).find(({ name }) => name === 'closing_statements');
        const columns = table!.columns.map(({ name, type }) => `${name} ${hiveType(type).replace('string', 'varchar')}`);
        await engine.run(`CREATE TABLE closing_statements (${columns.join(', ')})`);
        return use(new Office(engine));
      });
    } finally {
      folder.remove();
    }
  }

  private constructor(private readonly engine: Parameters<Parameters<typeof withSources>[1]>[0]['engine']) {}

  /** Runs the state machine on a day, by default on its schedule. */
  public async close(day: string, input: object = {}, topicArn: string | undefined = 'arn:aws:sns:us-east-1:111122223333:topic'): Promise<Run> {
    const asOf = `TIMESTAMP '${day} 06:00:00'`;
    const definition = closingDefinition({
      integration: name => name,
      workGroupName: 'work',
      databaseName: 'costs',
      statements: closingStatements({ ...VIEW_PARAMETERS, asOf, cost: 'line_item_unblended_cost' }),
      keyCount: VIEW_PARAMETERS.spendKeys.length,
      lastDay: 14,
      topicArn,
      runbook: 'https://example.com/runbook',
    });
    const told: string[] = [];
    let changedMonths: number | undefined;
    let answer: unknown[] = [];
    const outcome = await runStateMachine(definition, {
      input,
      startTime: new Date(`${day}T06:00:00Z`),
      task: async (resource, given: Record<string, unknown>) => {
        switch (resource) {
          case 'athena:startQueryExecution.sync':
            answer = Object.values((await this.run(given.QueryString as string))[0] ?? {});
            return { QueryExecution: { QueryExecutionId: 'id' } };
          case 'athena:getQueryResults':
            return { ResultSet: { Rows: [{ Data: [] }, { Data: answer.map(asCell) }] } };
          case 'aws-sdk:cloudwatch:putMetricData':
            changedMonths = (given.MetricData as { Value: number }[])[0].Value;
            return {};
          case 'sns:publish':
            told.push(given.Message as string);
            return {};
          default:
            throw new StateError('Unknown', resource);
        }
      },
    });
    return { ...outcome, told, changedMonths };
  }

  public async run(sql: string): Promise<Record<string, unknown>[]> {
    return this.engine.rows(sql);
  }

  public async lines(period: string): Promise<Line[]> {
    return await this.run(`SELECT line, attribution_key, key_value, detail, usd FROM closing_statements
      WHERE billing_period = '${period}' ORDER BY ALL`) as unknown as Line[];
  }
}

/** A value as Athena prints it; NULL is nothing. */
function asCell(value: unknown): { VarCharValue?: string } {
  return value === null ? {} : { VarCharValue: typeof value === 'string' ? value : JSON.stringify(value) };
}

const tags = (team: string): Record<string, string> => ({ 'iamPrincipal/team': team });
const MONTH: BillLine[] = [
  { usd: 30, tags: tags('payments') },
  { usd: 10, tags: tags('search'), productCode: 'AmazonBedrockFoundationModels' },
  { usd: 5 },
  { usd: 2, type: 'Tax' },
  { usd: -1, type: 'Credit' },
];

test('a month is closed on the day of closing, with what was billed, what explains it, and adjustments apart', async () => {
  await Office.with(MONTH, async (office) => {
    expect(await office.close('2026-11-08')).toMatchObject({ status: 'SUCCEEDED', output: { closed: true, period: '2026-10', changedPeriods: 0 } });
    const lines = await office.lines('2026-10');
    expect(lines.filter(({ attribution_key: key }) => key === null || key === 'team')).toEqual([
      { line: 'adjustment', attribution_key: null, key_value: null, detail: 'Credit', usd: -1 },
      { line: 'adjustment', attribution_key: null, key_value: null, detail: 'Tax', usd: 2 },
      { line: 'attributed', attribution_key: 'team', key_value: 'payments', detail: 'enforced', usd: 30 },
      { line: 'attributed', attribution_key: 'team', key_value: 'search', detail: 'enforced', usd: 10 },
      { line: 'billed', attribution_key: null, key_value: null, detail: 'AmazonBedrock', usd: 35 },
      { line: 'billed', attribution_key: null, key_value: null, detail: 'AmazonBedrockFoundationModels', usd: 10 },
      { line: 'unattributed', attribution_key: 'team', key_value: null, detail: 'region_not_logged', usd: 5 },
    ]);
  });
});

test('whoever listens is told what the month comes to', async () => {
  await Office.with(MONTH, async (office) => {
    expect((await office.close('2026-11-08')).told).toEqual([expect.stringContaining('for 2026-10 is closed at 45.00 USD before tax')]);
  });
});

test('nobody has to listen', async () => {
  await Office.with(MONTH, async (office) => {
    expect(await office.close('2026-11-08', {}, '')).toMatchObject({ status: 'SUCCEEDED' });
  });
});

test('a closed month stays as it is, whoever asks and however often', async () => {
  await Office.with(MONTH, async (office) => {
    await office.close('2026-11-08');
    const lines = await office.lines('2026-10');
    expect(await office.close('2026-11-09')).toMatchObject({ status: 'SUCCEEDED', told: [] });
    expect(await office.close('2026-11-09', { period: '2026-10' })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await office.lines('2026-10')).toEqual(lines);
  });
});

test('what AWS changes later is told, and not written', async () => {
  await Office.with(MONTH, async (office) => {
    await office.close('2026-11-08');
    await office.run(`UPDATE closing_statements SET usd = usd - 0.5 WHERE line = 'billed' AND detail = 'AmazonBedrock'`);
    const lines = await office.lines('2026-10');
    const { told, changedMonths } = await office.close('2026-12-08');
    expect(changedMonths).toBe(1);
    expect(told).toEqual([expect.stringContaining('changed by 0.50 USD in 1 of them, 2026-10 to 2026-10')]);
    expect(await office.lines('2026-10')).toEqual(lines);
  });
});

test('a cent is no change', async () => {
  await Office.with(MONTH, async (office) => {
    await office.close('2026-11-08');
    await office.run(`UPDATE closing_statements SET usd = usd - 0.009 WHERE line = 'billed' AND detail = 'AmazonBedrock'`);
    expect(await office.close('2026-12-08')).toMatchObject({ changedMonths: 0, told: [] });
  });
});

const UNSETTLED: BillLine[] = [{ usd: 1, tags: tags('payments'), endsAt: '2026-11-12 05:00:00' }];

test('a month that is not settled waits for the next day', async () => {
  await Office.with(UNSETTLED, async (office) => {
    expect(await office.close('2026-11-13')).toMatchObject({ status: 'SUCCEEDED', output: { closed: false, why: '1 lines of 2026-10 are not settled yet' } });
    expect(await office.lines('2026-10')).toEqual([]);
  });
});

test('fails on the last day for a month that is not settled, and at once when somebody asks for it', async () => {
  await Office.with(UNSETTLED, async (office) => {
    expect(await office.close('2026-11-14')).toMatchObject({ status: 'FAILED', error: 'NotSettled' });
    expect(await office.close('2026-11-13', { period: '2026-10' })).toMatchObject({ status: 'FAILED', error: 'NotSettled' });
    expect(await office.lines('2026-10')).toEqual([]);
  });
});

test('a month without a line on the bill has nothing to close', async () => {
  await Office.with(MONTH, async (office) => {
    expect(await office.close('2026-10-08')).toMatchObject({ status: 'SUCCEEDED', output: { closed: false, why: 'the bill has no line of Amazon Bedrock for 2026-09' } });
  });
});

test.each([
  ['what is explained misses a tenth of a cent and more', 0.0011],
  ['a view has lost dollars', 5],
])('fails when %s', async (_, missing) => {
  await Office.with(MONTH, async (office) => {
    await office.run(`CREATE OR REPLACE TABLE attributed_spend AS SELECT * REPLACE (
      CASE WHEN team = 'payments' THEN billed_usd - ${missing} ELSE billed_usd END AS billed_usd) FROM attributed_spend`);
    expect(await office.close('2026-11-08')).toMatchObject({ status: 'FAILED', error: 'DoesNotAddUp', cause: expect.stringContaining('2026-10 misses what was billed by') });
    expect(await office.lines('2026-10')).toEqual([]);
  });
});

test('fails when nothing explains what is billed', async () => {
  await Office.with(MONTH, async (office) => {
    await office.run('CREATE OR REPLACE TABLE attributed_spend AS SELECT * FROM attributed_spend WHERE false');
    expect(await office.close('2026-11-08')).toMatchObject({ status: 'FAILED', error: 'DoesNotAddUp', cause: expect.stringContaining('with 0 of 4 keys') });
  });
});

test('fails when what was written is not what was billed', async () => {
  await Office.with(MONTH, async (office) => {
    const run = office.run.bind(office);
    office.run = async (sql) => {
      const rows = await run(sql);
      if (sql.startsWith('MERGE')) await run(`INSERT INTO closing_statements SELECT * FROM closing_statements WHERE key_value = 'payments'`);
      return rows;
    };
    expect(await office.close('2026-11-08')).toMatchObject({ status: 'FAILED', error: 'FrozenDiffers' });
  });
});

test.each([
  ['the month of the run', { period: '2026-11' }, 'period is 2026-11, which has not ended: use a month before 2026-11'],
  ['a month to come', { period: '2027-01' }, 'period is 2027-01, which has not ended'],
  ['a month that there is not', { period: '2026-13' }, 'period is "2026-13": use a month, as in 2026-10'],
  ['a day', { period: '2026-10-01' }, 'period is "2026-10-01": use a month'],
  ['a number', { period: 10 }, 'period is "10": use a month'],
])('fails for %s', async (_, input, cause) => {
  await Office.with(MONTH, async (office) => {
    expect(await office.close('2026-11-08', input)).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause: expect.stringContaining(cause) });
  });
});

test('January closes December of the year before', async () => {
  await Office.with([{ usd: 1, day: '2025-12-31', tags: tags('payments') }], async (office) => {
    expect(await office.close('2026-01-08')).toMatchObject({ output: { closed: true, period: '2025-12' } });
  });
});

test('whatever was billed, the lines of every key add up to it', async () => {
  const line = fc.record({
    usd: fc.integer({ min: -300, max: 3000 }).map(cents => cents / 100),
    team: fc.constantFrom('payments', 'search', undefined),
    type: fc.constantFrom('Usage', 'Usage', 'Tax', 'Credit', 'Refund', 'EdpDiscount'),
    productCode: fc.constantFrom('AmazonBedrock', 'AmazonBedrockService'),
    day: fc.constantFrom('2026-10-01', '2026-10-31'),
  });
  await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 10 }), async (drawn) => {
    const bill = drawn.map(({ team, ...rest }) => ({ ...rest, tags: team === undefined ? {} : tags(team) }));
    await Office.with(bill, async (office) => {
      const { output } = await office.close('2026-11-08');
      const lines = await office.lines('2026-10');
      const sum = (chosen: (item: Line) => boolean): number => lines.filter(chosen).reduce((total, { usd }) => total + usd, 0);
      const isAdjustment = ({ type }: BillLine): boolean => ['Tax', 'Credit', 'Refund'].includes(type ?? '');
      const total = (chosen: (item: BillLine) => boolean): number => bill.filter(chosen).reduce((all, { usd }) => all + usd, 0);
      if (bill.every(isAdjustment)) {
        expect(output).toMatchObject({ closed: false });
        return;
      }
      expect(sum(item => item.line === 'billed')).toBeCloseTo(total(item => !isAdjustment(item)), 6);
      expect(sum(item => item.line === 'adjustment')).toBeCloseTo(total(isAdjustment), 6);
      for (const key of VIEW_PARAMETERS.spendKeys) {
        expect(sum(item => item.attribution_key === key)).toBeCloseTo(total(item => !isAdjustment(item)), 6);
      }
    });
  }), { numRuns: 15 });
});
