import { readdirSync, readFileSync } from 'node:fs';
import { listValue } from '@duckdb/node-api';
import { type BillTagSource, quote, renderView, VIEW_NAMES, type ViewKey, type ViewParameters } from '../../lib/analytics/sql/view-template';
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
});

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

  test('quotes any text as one literal', () => {
    expect(quote(`it's ''two''`)).toBe(`'it''s ''''two'''''`);
  });
});
