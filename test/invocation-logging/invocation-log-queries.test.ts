import { App, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as fc from 'fast-check';
import { record, temporaryFolder, withSources, writeLogs, type RecordFields } from '../../cli/test/helpers/world';
import { InvocationLogQueries, type InvocationLogQueriesProps } from '../../lib/invocation-logging/invocation-log-queries';
import { AttributionKey, AttributionSchema, Cardinality, Carrier } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';
import { runInsightsQuery, type Row } from './insights-engine';

const KEYS = [
  AttributionKey.of('team', { description: 'Team.', required: true }),
  AttributionKey.of('squad', { description: 'Its former name.', deprecatedInFavourOf: 'team' }),
  AttributionKey.of('cost_center', { description: 'Cost center.', required: true, requiredFrom: '2027-01-01' }),
  AttributionKey.of('stage', { description: 'Stage.', required: true, carriers: [Carrier.PRINCIPAL_TAG] }),
  AttributionKey.of('employee', { description: 'Employee.', personal: true }),
  AttributionKey.of('request_id', { description: 'Request.', cardinality: Cardinality.HIGH }),
];
const SCHEMA = new AttributionSchema({ version: 1, keys: KEYS });
const PERMISSION_CHECK = 'Permissions are correctly set for Amazon Bedrock logs.';

interface SavedQuery {
  readonly logicalId: string;
  readonly name: string;
  readonly text: string;
  readonly logGroupNames: unknown[];
}

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

/** The queries that are saved, by what follows the folder. */
function savedQueries(props: Partial<InvocationLogQueriesProps> = {}, stack = makeStack()): Map<string, SavedQuery> {
  const queries = new InvocationLogQueries(stack, 'Queries', { schema: SCHEMA, logGroup: new logs.LogGroup(stack, 'Logs'), ...props });
  const resources = Object.entries(Template.fromStack(stack).findResources('AWS::Logs::QueryDefinition'));
  expect(resources).toHaveLength(queries.queryNames.length);
  return new Map(resources.map(([logicalId, { Properties: { Name, QueryString, LogGroupNames } }]) =>
    [String(Name).split('/').pop()!, { logicalId, name: Name, text: QueryString, logGroupNames: LogGroupNames }]));
}

function queryText(what: string, props: Partial<InvocationLogQueriesProps> = {}): string {
  return savedQueries(props).get(what)!.text;
}

function ask(what: string, messages: string[], props: Partial<InvocationLogQueriesProps> = {}): Row[] {
  return runInsightsQuery(queryText(what, props), messages);
}

describe('saved queries', () => {
  test('are one for each key in use that rides on request metadata, and five that every log has', () => {
    expect([...savedQueries().keys()].sort()).toEqual([
      'by-caller', 'by-cost_center', 'by-employee', 'by-model', 'by-operation', 'by-request_id', 'by-team', 'errors', 'missing-required-keys',
    ]);
  });

  test('are of the log group, in a folder', () => {
    const stack = makeStack();
    const queries = [...savedQueries({}, stack).values()];
    const [logGroup] = Object.keys(Template.fromStack(stack).findResources('AWS::Logs::LogGroup'));
    for (const { name, logGroupNames } of queries) {
      expect(name).toMatch(/^bedrock-cost-attribution\/[a-z_-]+$/);
      expect(logGroupNames).toEqual([{ Ref: logGroup }]);
    }
  });

  test('are shown to other constructs as they are saved, those by key with the key in the order of the schema', () => {
    const stack = makeStack();
    const logGroup = new logs.LogGroup(stack, 'Logs');
    const { queries, ...shown } = new InvocationLogQueries(stack, 'Queries', { schema: SCHEMA, logGroup, folder: 'finance' });
    const saved = Object.values(Template.fromStack(stack).findResources('AWS::Logs::QueryDefinition'));
    const texts = new Map(saved.map(({ Properties: { Name, QueryString } }) => [String(Name), String(QueryString)]));
    expect(new Map(queries.map(({ name, queryString }) => [name, queryString]))).toEqual(texts);
    expect(queries.map(({ name }) => name)).toEqual(queries.map(({ shortName }) => `finance/${shortName}`));
    expect(queries.flatMap(({ keyName }) => keyName ?? [])).toEqual(['team', 'cost_center', 'employee', 'request_id']);
    expect(queries.every(({ keyName, shortName }) => keyName === undefined || shortName === `by-${keyName}`)).toBe(true);
    expect(shown.logGroup).toBe(logGroup);
  });

  test('stand in another folder when one is given', () => {
    expect([...savedQueries({ folder: 'finance/bedrock' }).values()].every(({ name }) => name.startsWith('finance/bedrock/'))).toBe(true);
  });

  test('keep their logical ids when keys change places', () => {
    const ids = (keys: AttributionKey[]): string[] =>
      [...savedQueries({ schema: new AttributionSchema({ version: 1, keys }) }).values()].map(({ logicalId }) => logicalId).sort();
    fc.assert(fc.property(fc.shuffledSubarray(KEYS, { minLength: KEYS.length }), keys => {
      expect(ids(keys)).toEqual(ids(KEYS));
    }), { endOnFailure: true, numRuns: 20 });
  });

  test('of keys that are written alike are apart', () => {
    const keys = ['a1', 'a_1', 'errors', 'by_model'].map(name => AttributionKey.of(name, { description: name }));
    const queries = [...savedQueries({ schema: new AttributionSchema({ version: 1, keys }) }).values()];
    expect(new Set(queries.map(({ logicalId }) => logicalId)).size).toBe(queries.length);
    expect(new Set(queries.map(({ name }) => name)).size).toBe(queries.length);
  });

  test('quote every name that a schema or a body brings', () => {
    const texts = [...savedQueries().values()].map(({ text }) => text);
    for (const name of ['team', 'squad', 'cost_center', 'employee', 'request_id']) {
      const uses = texts.flatMap(text => text.match(new RegExp(`requestMetadata\\.\\W?${name}\\b.`, 'g')) ?? []);
      expect(uses.length).toBeGreaterThan(0);
      expect(uses.every(use => use === `requestMetadata.\`${name}\``)).toBe(true);
    }
  });

  test.each([
    'by-employee', 'by-request_id', 'by-caller', 'errors', 'missing-required-keys',
  ])('%s ends after the given number of rows', what => {
    expect(queryText(what, { rowLimit: 7 })).toMatch(/\| limit 7$/);
  });

  test.each(['by-team', 'by-cost_center', 'by-model', 'by-operation'])('%s shows every row', what => {
    expect(queryText(what, { rowLimit: 7 })).not.toContain('limit');
  });

  test('have no query of missing keys when none is required in request metadata', () => {
    const keys = [AttributionKey.of('team', { description: 'Team.' }), KEYS[3]];
    expect(savedQueries({ schema: new AttributionSchema({ version: 1, keys }) }).has('missing-required-keys')).toBe(false);
  });

  test('take tokens for what is not needed at synthesis', () => {
    const stack = makeStack();
    const token = (name: string): string => Lazy.string({ produce: () => name });
    const queries = savedQueries({
      folder: token('a'), rowLimit: Token.asNumber(Lazy.number({ produce: () => 5 })),
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'Imported', token('logs')),
    }, stack);
    expect(queries.get('by-caller')).toMatchObject({ name: 'a/by-caller', logGroupNames: ['logs'] });
    expect(queries.get('by-caller')?.text).toMatch(/limit 5$/);
  });

  test('are clean', () => {
    expect(nagFindings(stack => {
      const logGroup = logs.LogGroup.fromLogGroupName(stack, 'Logs', 'logs');
      new InvocationLogQueries(stack, 'Queries', { schema: SCHEMA, logGroup });
    })).toEqual([]);
  });
});

describe('answers', () => {
  test('leave the permission check out', () => {
    expect(ask('by-model', [PERMISSION_CHECK])).toEqual([]);
  });

  test('count a failed call without its tokens', () => {
    const failed = JSON.stringify({ ...JSON.parse(record({ requestId: '1', input: 5, output: 6 })), errorCode: 'ThrottlingException' });
    expect(ask('by-model', [failed, record({ requestId: '2', input: 1, output: 2 })])).toEqual([expect.objectContaining({
      calls: 2, failed_calls: 1, input_tokens: 1, output_tokens: 2,
    })]);
  });

  test.each([
    ['beside the input count', { input: { cacheReadInputTokenCount: 3, cacheWriteInputTokenCount: 4 } }],
    ['in a body of Converse', { output: { outputBodyJson: { usage: { cacheReadInputTokens: 3, cacheWriteInputTokens: 4 } } } }],
    ['in a body of Converse, spelled otherwise', { output: { outputBodyJson: { usage: { cacheReadInputTokenCount: 3, cacheWriteInputTokenCount: 4 } } } }],
    ['in a body of InvokeModel', { output: { outputBodyJson: { usage: { cache_read_input_tokens: 3, cache_creation_input_tokens: 4 } } } }],
    ['in two places', {
      input: { cacheReadInputTokenCount: 3, cacheWriteInputTokenCount: 4 },
      output: { outputBodyJson: { usage: { cacheReadInputTokens: 9, cacheWriteInputTokens: 9 } } },
    }],
  ])('find cache counts %s', (_, fields) => {
    const message = JSON.stringify({ ...JSON.parse(record({ requestId: '1' })), ...fields });
    expect(ask('by-model', [message])).toEqual([expect.objectContaining({ cache_read_tokens: 3, cache_write_tokens: 4 })]);
  });

  test('count no cache tokens in a body that is a list of events', () => {
    const message = JSON.stringify({ ...JSON.parse(record({ requestId: '1' })), output: { outputBodyJson: [{ usage: 1 }] } });
    expect(ask('by-model', [message])).toEqual([expect.objectContaining({ calls: 1, cache_read_tokens: 0, cache_write_tokens: 0 })]);
  });

  test('show what is not given, and read a key under the name that it replaced', () => {
    const messages = [
      record({ requestId: '1' }), record({ requestId: '2', metadata: { squad: 'search' } }),
      record({ requestId: '3', metadata: { team: 'search', squad: 'old' } }),
    ];
    expect(ask('by-team', messages).map(({ declared_team, calls }) => [declared_team, calls])).toEqual([['search', 2], ['(not given)', 1]]);
  });

  test('list errors by model and caller', () => {
    const messages = [record({ requestId: '1', errorCode: 'ThrottlingException', modelId: 'm', arn: 'a' }), record({ requestId: '2' })];
    expect(ask('errors', messages)).toEqual([{ error_code: 'ThrottlingException', model: 'm', caller: 'a', failed_calls: 1 }]);
  });

  test('list who leaves out a required key, and no key that is required on tags only', () => {
    const messages = [
      record({ requestId: '1', metadata: { team: 'a' }, arn: 'good' }), record({ requestId: '2', metadata: { squad: 'a' }, arn: 'good' }),
      record({ requestId: '3', metadata: { team: '' }, arn: 'empty', modelId: 'm' }), record({ requestId: '4', arn: 'none', modelId: 'm' }),
    ];
    expect(ask('missing-required-keys', messages)).toEqual([
      { caller: 'empty', model: 'm', calls: 1, without_team: 1 }, { caller: 'none', model: 'm', calls: 1, without_team: 1 },
    ]);
  });

  test.each([['2026-12-31', 0], ['2027-01-01', 1]])('hold a key to its requiredFrom: on %s it is missing %d times', (requiredOn, times) => {
    const rows = ask('missing-required-keys', [record({ requestId: '1', metadata: { team: 'a' } })], { requiredOn });
    expect(rows.map(row => row.without_cost_center)).toEqual(times === 0 ? [] : [times]);
  });
});

const CALL: fc.Arbitrary<Omit<RecordFields, 'requestId'>> = fc.record({
  modelId: fc.constantFrom('amazon.nova-lite-v1:0', 'anthropic.claude-sonnet-4-6'),
  metadata: fc.option(fc.dictionary(fc.constantFrom('team', 'squad', 'cost_center', 'other'), fc.constantFrom('a', 'b', 'c d')), { nil: undefined }),
  errorCode: fc.option(fc.constant('ThrottlingException'), { nil: undefined, freq: 4 }),
  input: fc.nat(1000), output: fc.nat(1000),
  cacheRead: fc.option(fc.nat(9), { nil: undefined }), cacheWrite: fc.option(fc.nat(9), { nil: undefined }),
});

test.each(['team', 'cost_center'])('calls and tokens by %s are those of the views', async name => {
  await fc.assert(fc.asyncProperty(fc.array(CALL, { minLength: 1, maxLength: 20 }), async calls => {
    const folder = temporaryFolder();
    try {
      const messages = calls.map((call, index) => record({ ...call, requestId: `r${index}` }));
      const schemaFile = writeLogs(folder.path, [SCHEMA.compactJson()], 'schema.json');
      const fromViews = await withSources({ logs: [writeLogs(folder.path, messages)], schema: schemaFile }, async ({ engine }) => engine.rows(`
        SELECT coalesce(${name}, '(not given)') AS declared, count(*)::INT AS calls, count(error_code)::INT AS failed_calls,
          coalesce(sum(input_tokens), 0)::INT AS input_tokens, coalesce(sum(output_tokens), 0)::INT AS output_tokens,
          coalesce(sum(cache_read_tokens), 0)::INT AS cache_read_tokens, coalesce(sum(cache_write_tokens), 0)::INT AS cache_write_tokens
        FROM invocations GROUP BY ALL ORDER BY declared`));
      const answered = ask(`by-${name}`, [PERMISSION_CHECK, ...messages])
        .map(({ [`declared_${name}`]: declared, ...counts }): Row => ({ declared, ...counts }));
      expect(answered.sort((a, b) => String(a.declared) < String(b.declared) ? -1 : 1)).toEqual(fromViews.map(row => ({ ...row })));
    } finally {
      folder.remove();
    }
  }), { endOnFailure: true, numRuns: 4 });
});

describe('fails', () => {
  test.each([
    ['an empty folder', { folder: '' }, 'folder is ""; use names joined by "/"'],
    ['a folder that starts with a slash', { folder: '/a' }, 'folder is "/a"'],
    ['a folder without a name', { folder: 'a//b' }, 'folder is "a//b"'],
    ['no rows', { rowLimit: 0 }, 'rowLimit is 0; use a whole number from 1 to 10000'],
    ['too many rows', { rowLimit: 10_001 }, 'rowLimit is 10001'],
    ['half a row', { rowLimit: 1.5 }, 'rowLimit is 1.5'],
    ['no day', { requiredOn: '2027-02-30' }, 'requiredOn is "2027-02-30"; use an ISO date'],
    ['a day that is not known yet', { requiredOn: Lazy.string({ produce: () => '2027-01-01' }) }, 'requiredOn is a token'],
    ['a name that is too long', { folder: 'a'.repeat(234) }, 'has 256 characters; at most 255 are allowed, so shorten folder'],
  ])('with %s', (_, props, message) => {
    expect(() => savedQueries(props)).toThrow(message);
  });

  test('with a query that is too long', () => {
    const former = Array.from({ length: 300 }, (_, index) =>
      AttributionKey.of(`former_name_of_the_team_${index}`, { description: 'Former.', deprecatedInFavourOf: 'team' }));
    const schema = new AttributionSchema({ version: 1, keys: [KEYS[0], ...former] });
    expect(() => savedQueries({ schema })).toThrow(/the query "by-team" has \d+ characters; at most 10000 are allowed, so drop deprecated keys/);
  });

  test('with everything that is wrong at once', () => {
    expect(() => savedQueries({ folder: '', rowLimit: 0, requiredOn: 'soon' })).toThrow('the invocation log queries has 3 problems');
  });

  test.each([[10_000, 'limit 10000'], [1, 'limit 1']])('not with %d rows', (rowLimit, end) => {
    expect(queryText('by-caller', { rowLimit }).endsWith(end)).toBe(true);
  });

  test('not with a name of 255 characters', () => {
    expect(savedQueries({ folder: 'a'.repeat(233) }).get('missing-required-keys')?.name).toHaveLength(255);
  });
});
