import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { savedQueries } from '../../cli/src/commands/saved-queries';
import { type RenderedQuery, SAVED_QUERY_NAMES } from '../../lib/analytics/sql/saved-query-files';
import { AttributionSchema } from '../../lib/schema';
import { LOGS } from './lake/catalog';
import { openMonth } from './lake/month';
import type { World } from './lake/world';

const STARTER = AttributionSchema.starter({ envs: ['dev', 'staging', 'prod'] });

/** No key of these is called `team` or `service`, which is what tags and calls say: they gave way to other names. */
const RENAMED = AttributionSchema.fromJson(JSON.stringify({
  version: 2,
  keys: [
    { name: 'squad', description: 'Who answers for the spend.', required: true, assurance: 'enforced' },
    { name: 'team', description: 'The former name of squad.', deprecatedInFavourOf: 'squad' },
    { name: 'product', description: 'What the call is for.' },
    { name: 'service', description: 'The former name of product.', deprecatedInFavourOf: 'product' },
    { name: 'env', description: 'Stage.', pattern: 'prod|dev' },
    { name: 'feature', description: 'Part of the product.' },
  ],
}));

/** What a month need not have: all of its dollars are accounted for. */
const EMPTY = ['money-identity'];
const ON_BOTH = SAVED_QUERY_NAMES.filter(name => name !== 'malformed-log-lines');
const PERIOD = { from: '2026-10-01', to: '2026-10-31' };

describe.each([['the starter schema', STARTER], ['a schema of other keys', RENAMED]])('with %s', (_, schema) => {
  let world: World;
  let queries: RenderedQuery[];

  beforeAll(async () => {
    const { world: month, truth } = await openMonth({ schema });
    world = month;
    // each is read by many of the queries
    for (const view of ['billed_usage', 'invocation_costs', 'attributed_spend']) await world.keep(view);
    queries = savedQueries({ schema, asOf: new Date(truth.as_of), ...PERIOD });
  });

  afterAll(() => { world.close(); });

  const queryOf = (name: string): RenderedQuery => queries.find(query => query.name === name)!;

  test.each(ON_BOTH)('%s has the same rows on Trino and on the embedded engine', async (name) => {
    const { sql, engines } = queryOf(name);
    expect(engines).toEqual(['Athena', 'Trino', 'DuckDB']);
    const rows = await world.expectSame(sql);
    expect(rows.length > 0).toBe(!EMPTY.includes(name));
  });

  test('malformed-log-lines counts the lines that were delivered and are no records, object by object', async () => {
    const { sql, columns } = queryOf('malformed-log-lines');
    const rows = await world.lake.trino.rows(sql);
    expect(Object.keys(rows[0])).toEqual(columns.map(({ name }) => name));
    const found = rows.map(({ object_path: path, malformed_lines: malformed, record_lines: records }) =>
      ({ path: (path as string).split(`/${LOGS}/`)[1], malformed, records }));
    expect(sortedByPath(found)).toEqual(sortedByPath(malformedObjects(world.lake.bucket(LOGS))));
  });
});

interface LogObject {
  readonly path: string;
  readonly malformed: unknown;
  readonly records: unknown;
}

function sortedByPath(objects: readonly LogObject[]): LogObject[] {
  return [...objects].sort((a, b) => a.path.localeCompare(b.path));
}

/** The objects of records in a bucket that hold lines which are no records. */
function malformedObjects(bucket: string): LogObject[] {
  const keys = readdirSync(bucket, { recursive: true, encoding: 'utf8' }).filter(key => key.endsWith('.json.gz') && !key.includes('/data/'));
  return keys.map((path) => {
    const lines = gunzipSync(readFileSync(join(bucket, path))).toString('utf8').trimEnd().split('\n');
    const records = lines.filter(isRecord).length;
    return { path, malformed: lines.length - records, records };
  }).filter(({ malformed }) => malformed > 0);
}

function isRecord(line: string): boolean {
  try {
    return (JSON.parse(line) as { requestId?: string }).requestId !== undefined;
  } catch {
    return false;
  }
}
