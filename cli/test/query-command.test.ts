import { join } from 'node:path';
import { VIEW_NAMES } from '../../lib/analytics/sql/view-template';
import { bca, record, temporaryFolder, writeBill, writeLogs } from './helpers/world';

const scratch = temporaryFolder();
let sources: string[];

beforeAll(async () => {
  const logs = writeLogs(scratch.path, [
    record({ requestId: 'one', metadata: { team: 'search', trace: 'a, "b"' }, input: 1, output: 2 }),
    record({ requestId: 'two', day: '2026-10-06', input: 3, output: 4 }),
  ]);
  const bill = await writeBill(scratch.path, [{ usd: 1.5, tags: { 'iamPrincipal/team': 'search' } }]);
  sources = ['--logs', logs, '--bill', bill, '--as-of', '2026-11-21'];
});

afterAll(() => { scratch.remove(); });

const query = (sql: string, ...argv: string[]): ReturnType<typeof bca> => bca('query', ...sources, ...argv, sql);

describe('bca query', () => {
  const SQL = `SELECT bedrock_request_id AS id, usage_date, called_at, request_metadata, output_tokens, team FROM invocations ORDER BY id`;

  test('answers in JSON with readable days, instants and maps', async () => {
    const { code, out, err } = await query(SQL, '--format', 'json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual([
      { id: 'one', usage_date: '2026-10-05', called_at: '2026-10-05T10:00:00.000Z', request_metadata: { team: 'search', trace: 'a, "b"' }, output_tokens: 2, team: 'search' },
      { id: 'two', usage_date: '2026-10-06', called_at: '2026-10-06T10:00:00.000Z', request_metadata: null, output_tokens: 4, team: null },
    ]);
  });

  test('answers in CSV with a header, quoting what needs it', async () => {
    const { code, out } = await query(SQL, '--format', 'csv');
    expect({ code, lines: out.split('\n') }).toEqual({ code: 0, lines: [
      'id,usage_date,called_at,request_metadata,output_tokens,team',
      'one,2026-10-05,2026-10-05T10:00:00.000Z,"{""team"":""search"",""trace"":""a, \\""b\\""""}",2,search',
      'two,2026-10-06,2026-10-06T10:00:00.000Z,,4,',
      '',
    ] });
  });

  test('answers in a table unless asked otherwise', async () => {
    const { code, out } = await query('SELECT team, sum(billed_usd) AS usd FROM attributed_spend GROUP BY team');
    expect(code).toBe(0);
    expect(out).toMatch(/│ team +│ usd +│\n.*\n│ search +│ 1\.5 +│/);
  });

  test('keeps an empty map, an empty list and none apart', async () => {
    const sql = `SELECT map_keys(tags) AS names, filter(map_keys(tags), k -> k = 'x') AS none, [NULL, 1] AS holes, MAP {} AS empty, NULL AS missing FROM billed_usage`;
    const { out } = await query(sql, '--format', 'json');
    expect(JSON.parse(out)).toEqual([{ names: ['iamPrincipal/team'], none: [], holes: [null, 1], empty: {}, missing: null }]);
  });

  test('reads every view', async () => {
    const { code, out } = await query(VIEW_NAMES.map(view => `SELECT '${view}' AS view, count(*) >= 0 AS is_read FROM ${view}`).join(' UNION ALL '), '--format', 'json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { view: string }[]).map(({ view }) => view).sort()).toEqual([...VIEW_NAMES].sort());
  });

  test('takes a statement right behind an option that takes many paths', async () => {
    expect(await bca('query', '--format', 'csv', ...sources.slice(0, 2), 'SELECT count(*) AS n FROM invocations')).toEqual({ code: 0, out: 'n\n2\n', err: '' });
  });

  test('says on the side what was missing', async () => {
    const bill = await writeBill(join(scratch.path, 'anonymous'), [{ usd: 1 }], ['line_item_iam_principal']);
    const { code, out, err } = await bca('query', '--bill', bill, '--format', 'csv', 'SELECT 1 AS one');
    expect({ code, out, err }).toEqual({ code: 0, out: 'one\n1\n', err: expect.stringMatching(/^the bill has no line_item_iam_principal/) as string });
  });

  test.each([
    ['a table that is not there', 'SELECT * FROM invoices', /the query cannot be run: .*invoices/],
    ['a column that is not there', 'SELECT colour FROM invocations', /the query cannot be run: .*colour/],
    ['words that are no SQL', 'who spent it?', /the query cannot be run: .*who/],
    ['a value that is none', `SELECT CAST('x' AS integer)`, /the query cannot be run: /],
  ])('fails for %s with a sentence and exit code 2', async (_, sql, sentence) => {
    const { code, out, err } = await query(sql);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: expect.stringMatching(sentence) as string });
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('fails without SQL, and for a format that only a report has', async () => {
    expect(await bca('query', ...sources)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/no statement: give one/) as string });
    expect(await bca('query', '--logs', sources[1], 'SELEC 1')).toMatchObject({ code: 2, err: expect.stringMatching(/"SELEC 1" was read as a path of --logs/) as string });
    expect(await query('SELECT 1', '--format', 'html')).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/Allowed choices are table, json, csv/) as string });
  });
});
