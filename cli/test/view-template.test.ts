import { readdirSync, readFileSync } from 'node:fs';
import { listValue } from '@duckdb/node-api';
import { type BillTagSource, quote, renderView, VIEW_NAMES, type ViewKey, type ViewParameters } from '../../lib/analytics/sql/view-template';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { dataFile } from '../src/data-files';
import { Engine } from '../src/engine/engine';
import { createEmptyBill } from '../src/sources/load-bill';
import { loadDimensions } from '../src/sources/load-dimensions';
import { createEmptyLogs } from '../src/sources/load-logs';

const text = (name: string): string => readFileSync(dataFile('sql', 'views', `${name}.sql`), 'utf8');

function key(name: string, fields: Partial<ViewKey> = {}): ViewKey {
  return { name, metadataNames: [name], principalTagNames: [name], resourceTagNames: [name], required: false, enforced: false, ...fields };
}

function parameters(keys: readonly ViewKey[], fields: Partial<ViewParameters> = {}): ViewParameters {
  return {
    keys,
    spendKeys: keys.map(({ name }) => name),
    attributionOrder: ['iamPrincipal', 'resourceTags'],
    asOf: `TIMESTAMP '2026-11-21 00:00:00'`,
    settlementHours: 72,
    cost: 'line_item_unblended_cost',
    invocationsSource: 'invocation_records',
    sharedCosts: [],
    billSource: 'bedrock_bill_lines',
    logWindow: 'true',
    ...fields,
  };
}

const NASTY = [
  `it's`, `'); DROP TABLE log_lines; --`, `' OR '1'='1`, `"quoted"`, `\\'; --`, '-- end', '/*', `a\nb`, '$1', '$&', '%', '☃',
  '{key}', '{as_of}', '{cost}', '{canonical_caller:x}',
];
const odd = key('team', {
  metadataNames: ['team', ...NASTY], principalTagNames: ['Cost Center', ...NASTY], resourceTagNames: ['team:name/+-=._@', ...NASTY],
  required: true, enforced: true, allowedValues: NASTY,
});

describe('every view', () => {
  let engine: Engine;
  let schemas = 0;

  beforeAll(async () => {
    engine = await Engine.open();
    await loadDimensions(engine, {});
    await createEmptyBill(engine);
    await createEmptyLogs(engine);
  });

  afterAll(() => { engine.close(); });

  /** Makes all views in a database schema of their own and gives the rows that each has. */
  async function build(given: ViewParameters): Promise<Record<string, number>> {
    const schema = `views_${++schemas}`;
    await engine.run(`CREATE SCHEMA ${schema}`);
    await engine.run(`SET search_path = '${schema},main'`);
    const counts: Record<string, number> = {};
    for (const name of VIEW_NAMES) {
      const sql = renderView(text(name), given);
      expect(sql).not.toMatch(/^\s*-- (for each|end)/m);
      // tables: each is computed once, not again by every view above it
      await engine.run(`CREATE TABLE ${schema}.${name} AS\n${sql}`);
      counts[name] = Number((await engine.rows(`SELECT count(*) AS n FROM ${name}`))[0].n);
    }
    return counts;
  }

  const NONE = Object.fromEntries(VIEW_NAMES.map(name => [name, 0]));

  test.each<[string, ViewParameters]>([
    ['one key', parameters([key('team')])],
    ['many keys', parameters(['team', 'service', 'env', 'feature', 'a1', 'request_id'].map(name => key(name)))],
    ['an enforced and required key', parameters([key('team', { enforced: true, required: true })])],
    ['no enforced key', parameters([key('team', { required: true }), key('env', { allowedValues: ['dev', 'prod'] })])],
    ['a pattern with braces and quotes', parameters([key('ticket', { pattern: `[A-Z]{2,4}-\\d{1,6}|it's` })])],
    ['a key that rides on metadata only', parameters([key('trace', { principalTagNames: [], resourceTagNames: [] })])],
    ['a key that rides on tags only', parameters([key('team', { metadataNames: [], enforced: true })])],
    ['a key that rides nowhere', parameters([key('team', { metadataNames: [], principalTagNames: [], resourceTagNames: [] })])],
    ['keys of which none splits dollars', parameters([key('team', { enforced: true })], { spendKeys: [] })],
    ['keys that took the place of others', parameters([key('team', { metadataNames: ['team', 'squad'], principalTagNames: ['team', 'Squad'] })])],
    ['one source of tags', parameters([key('team')], { attributionOrder: ['resourceTags'] })],
    ['net dollars', parameters([key('team')], { cost: 'coalesce(line_item_net_unblended_cost, line_item_unblended_cost)' })],
    ['odd spellings and quotes everywhere', parameters([odd])],
  ])('is made for %s, and has no rows over no input', async (_, given) => {
    expect(await build(given)).toEqual(NONE);
  });

  test('leaves the tables that it reads as they are, whatever the names and values say', async () => {
    await build(parameters([odd]));
    expect(await engine.rows(`SELECT table_name FROM duckdb_tables() WHERE table_name IN ('log_lines', 'cost_and_usage') ORDER BY 1`))
      .toEqual([{ table_name: 'cost_and_usage' }, { table_name: 'log_lines' }]);
  });

  describe('compares names and values as they are', () => {
    let values: Map<string, unknown>;
    let violations: Map<string, unknown>;

    beforeAll(async () => {
      for (const [requestId, suffix] of [['allowed', ''], ['refused', '!']]) {
        await engine.run(`INSERT INTO log_lines (requestid, operation, requestmetadata)
          SELECT '${requestId}', 'Converse', map_from_entries(list_transform($1::VARCHAR[], name -> {'k': name, 'v': name || '${suffix}'}))`, [listValue(NASTY)]);
      }
      await build(parameters(NASTY.map((nasty, index) => key(`key_${index}`, { metadataNames: [nasty], allowedValues: [nasty], required: true }))));
      values = new Map((await engine.rows('SELECT * FROM invocations')).map(row => [String(row.bedrock_request_id), row]));
      violations = new Map((await engine.rows('SELECT * FROM schema_violations')).map(row => [String(row.metadata_key), `${String(row.bedrock_request_id)} ${String(row.violation)}`]));
      await engine.run('DELETE FROM log_lines');
    });

    test.each(NASTY.map((nasty, index) => [nasty, `key_${index}`]))('%j', (nasty, name) => {
      expect(values.get('allowed')).toMatchObject({ [name]: nasty });
      expect(values.get('refused')).toMatchObject({ [name]: `${nasty}!` });
      expect(violations.get(name)).toBe('refused value_not_allowed');
    });

    test('and finds nothing else wrong with them', () => {
      expect(violations.size).toBe(NASTY.length);
    });
  });

  test('keeps the value of a key that is called by any word of the views that the schema accepts', async () => {
    const words = VIEW_NAMES.flatMap(name => text(name).replace(/--.*$/gm, '').toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []);
    // columns that the views make of a key end so: beside that key, the name is taken
    const isDerived = (name: string): boolean => /_(assurance|declared|enforced|values|principal_tag|resource_tag)$/.test(name);
    const names = [...new Set(words)].filter(name => isAccepted(name) && !isDerived(name));
    expect(names.length).toBeGreaterThan(100);
    await engine.run(`INSERT INTO log_lines (requestid, operation, "timestamp", accountid, region, modelid, identity, requestmetadata, "input")
      SELECT '1', 'InvokeModel', '2026-10-05T10:00:00Z', 'a', 'us-east-1', 'anthropic.claude-sonnet-4-6', {'arn': 'arn:aws:iam::a:user/jo'},
        map_from_entries(list_transform($1::VARCHAR[], name -> {'k': name, 'v': name})), {'inputtokencount': 1000}`, [listValue(names)]);
    await engine.run(`INSERT INTO cost_and_usage (line_item_usage_account_id, line_item_usage_start_date, line_item_usage_type,
        line_item_line_item_type, line_item_product_code, line_item_usage_amount, line_item_unblended_cost, pricing_unit)
      VALUES ('a', '2026-10-05', 'USE1-Claude4.6Sonnet-input-tokens', 'Usage', 'AmazonBedrock', 1, 1, '1K tokens')`);
    for (let start = 0; start < names.length; start += 25) {
      const some = names.slice(start, start + 25);
      await build(parameters(some.map(name => key(name, { enforced: true, required: true }))));
      for (const view of ['invocations', 'invocation_costs', 'attributed_spend']) {
        const [row] = await engine.rows(`SELECT * FROM ${view}`);
        expect(some.filter(name => row[name] !== name).map(name => `${view}.${name}`)).toEqual([]);
      }
    }
    await engine.run('DELETE FROM log_lines; DELETE FROM cost_and_usage');
  });
});

function isAccepted(name: string): boolean {
  try {
    return new AttributionSchema({ version: 1, keys: [AttributionKey.of(name, { description: 'A key.' })] }).keys.length === 1;
  } catch {
    return false;
  }
}

describe('the template', () => {
  test('has a file for every view and no other', () => {
    expect(readdirSync(dataFile('sql', 'views')).sort()).toEqual(VIEW_NAMES.map(name => `${name}.sql`).sort());
  });

  test('names the views in an order in which each needs only those before it', () => {
    VIEW_NAMES.forEach((name, index) => {
      const read = VIEW_NAMES.filter(other => new RegExp(`\\b(FROM|JOIN) ${other}\\b`).test(text(name)));
      expect(read.filter(other => VIEW_NAMES.indexOf(other) >= index)).toEqual([]);
    });
  });

  test('repeats a block for every key of a set and for no other', () => {
    const keys = [key('a', { required: true }), key('b', { enforced: true, allowedValues: ['x'] }), key('c', { metadataNames: ['c', 'old'], pattern: 'y' })];
    const members = (set: string, spendKeys = ['a', 'b']): string[] =>
      renderView(`-- for each ${set}\n{key}{name}\n-- end`, parameters(keys, { spendKeys }))
        .split('\n').map(line => line.replace(/\{(key|name)\}/g, '')).filter(line => line !== '');
    expect(members('key')).toEqual(['a', 'b', 'c']);
    expect(members('spend key')).toEqual(['a', 'b']);
    expect(members('enforced key')).toEqual(['b']);
    expect(members('enforced key', ['a'])).toEqual([]);
    expect(members('required key')).toEqual(['a']);
    expect(members('checked key')).toEqual(['b', 'c']);
    expect(members('metadata name')).toEqual(['a', 'b', 'c', 'old']);
  });

  test.each<[string, BillTagSource[]]>([
    ['team_principal_tag, team_resource_tag', ['iamPrincipal', 'resourceTags']],
    ['team_resource_tag, team_principal_tag', ['resourceTags', 'iamPrincipal']],
    ['team_resource_tag', ['resourceTags']],
  ])('writes the order of attribution as %s', (expected, attributionOrder) => {
    expect(renderView('-- for each key\n{bill_value}\n-- end', parameters([key('team')], { attributionOrder }))).toBe(expected);
  });

  test('leaves braces of regular expressions alone', () => {
    expect(renderView(`'[A-Z]{2,4}' {unknown} {unknown:x}`, parameters([]))).toBe(`'[A-Z]{2,4}' {unknown} {unknown:x}`);
  });

  test('fails for a set of keys that there is not', () => {
    expect(() => renderView('-- for each personal key\n{key}\n-- end', parameters([])))
      .toThrow('a view repeats a block for each "personal key", which is no set of keys');
  });

  test('fails for a block without an end', () => {
    expect(() => renderView('-- for each key\n{key}', parameters([])))
      .toThrow('a view repeats a block for each "key" and does not say where it ends: add -- end');
  });

  test('quotes any text as one literal', () => {
    expect(quote(`it's ''two''`)).toBe(`'it''s ''''two'''''`);
  });
});
