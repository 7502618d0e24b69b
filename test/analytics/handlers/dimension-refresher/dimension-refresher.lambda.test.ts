import { existsSync } from 'fs';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { REFRESHER_VARIABLES } from '../../../../lib/analytics/handlers/dimension-refresher/constants';
import { createDimensionRefresher, mantleEndpoint } from '../../../../lib/analytics/handlers/dimension-refresher/dimension-refresher.lambda';
import { mantleReader } from '../../../../lib/analytics/handlers/dimension-refresher/list-projects.lambda-shared';
import { DIMENSION_TABLES } from '../../../../lib/analytics/tables/dimension-tables';
import { packageFile } from '../../../../lib/private/package-file';
import { AccountEndpoint, type KnownPrincipal, type KnownProfile } from './account-endpoint';

const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';
const PROFILES = `dimensions/inference_profiles/${ACCOUNT}/${REGION}.json`;
const PRINCIPALS = `dimensions/principals/${ACCOUNT}.json`;
const MODEL = 'amazon.nova-lite-v1:0';
const START = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;
const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };

let account: AccountEndpoint;
let logged: object[];
let sleeps: number[];
let now: number;

beforeEach(async () => {
  account = await AccountEndpoint.start();
  [logged, sleeps, now] = [[], [], START];
});

afterEach(() => account.close());

const modelArn = (region: string): string => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`;

function profile(id: string, more: Partial<KnownProfile> = {}): KnownProfile {
  return { arn: `arn:aws:bedrock:${REGION}:${ACCOUNT}:application-inference-profile/${id}`, name: id, models: [modelArn(REGION)], ...more };
}

const role = (path: string, tags?: Record<string, string>): KnownPrincipal => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${path}`, tags });
const user = (path: string, tags?: Record<string, string>): KnownPrincipal => ({ arn: `arn:aws:iam::${ACCOUNT}:user/${path}`, tags });

function project(id: string, tags: object = {}, status = 'active'): AccountEndpoint['projects'][number] {
  return { arn: `arn:aws:bedrock-mantle:${REGION}:${ACCOUNT}:project/${id}`, id, name: `name of ${id}`, status, tags };
}

/** One refresh. A variable that is given as undefined is not set. */
async function refresh(variables: Partial<Record<keyof typeof REFRESHER_VARIABLES, string>> = {}): Promise<void> {
  const given = {
    bucket: 'ledger', account: ACCOUNT, region: REGION, resourceTags: '["team","CostCenter"]', principalTags: '["team","CostCenter"]', pathPrefixes: '/',
    ...variables,
  };
  const client = { endpoint: account.url, region: REGION, credentials, maxAttempts: 1 };
  return createDimensionRefresher({
    bedrock: new BedrockClient(client),
    iam: new IAMClient(client),
    s3: new S3Client({ ...client, forcePathStyle: true }),
    readProjects: mantleReader(new BedrockClient(client), account.url),
    variables: Object.fromEntries(Object.entries(given).map(([key, value]) => [REFRESHER_VARIABLES[key as keyof typeof given], value])),
    timing: {
      now: () => now,
      sleep: milliseconds => {
        sleeps.push(milliseconds);
        now += milliseconds;
        return Promise.resolve();
      },
      random: () => 0.5,
    },
    log: entry => logged.push(entry),
  })();
}

const rowsOf = (key: string): Record<string, unknown>[] =>
  (account.objects.get(key) ?? '').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Record<string, unknown>);

/** The last part of each ARN in a file, with the values of some columns. */
const table = (key: string, ...columns: string[]): unknown[][] => rowsOf(key).map(row =>
  [String(row.inference_profile_arn ?? row.principal_arn).split(/[/:]/).at(-1), ...columns.map(column => row[column])]);

describe('profiles', () => {
  test('become rows with all columns of the table, one object a line', async () => {
    account.profiles = [profile('a', { tags: { team: 'payments', unrelated: 'x' } })];
    await refresh();
    expect(account.objects.get(PROFILES)).toMatch(/^\{.*\}\n$/);
    expect(rowsOf(PROFILES)).toEqual([{
      inference_profile_arn: `arn:aws:bedrock:${REGION}:${ACCOUNT}:application-inference-profile/a`,
      model_source: MODEL, tags: { team: 'payments' }, name: 'a', kind: 'profile', account_id: ACCOUNT, region: REGION,
      first_seen: '2026-11-21', last_seen: '2026-11-21', deleted_on: null,
    }]);
  });

  test('keep the spelling of their tags, whose case does not count', async () => {
    account.profiles = [profile('a', { tags: { TEAM: 'payments', costcenter: '7' } })];
    await refresh();
    expect(table(PROFILES, 'tags')).toEqual([['a', { TEAM: 'payments', costcenter: '7' }]]);
  });

  test('stand for the system-defined profile that spreads their calls, which gets no row itself', async () => {
    const regions = ['eu-central-1', REGION].map(modelArn);
    account.profiles = [
      profile('spread', { models: regions }),
      profile('global', { models: [modelArn(REGION), modelArn('')] }),
      { ...profile('x', { models: regions, type: 'SYSTEM_DEFINED' }), arn: `arn:aws:bedrock:${REGION}:${ACCOUNT}:inference-profile/eu.${MODEL}` },
    ];
    await refresh();
    expect(table(PROFILES, 'model_source')).toEqual([['global', `global.${MODEL}`], ['spread', `eu.${MODEL}`]]);
  });

  test('keep their source when the system-defined profile is withdrawn', async () => {
    const regions = ['eu-central-1', REGION].map(modelArn);
    const system = { ...profile('x', { models: regions, type: 'SYSTEM_DEFINED' }), arn: `arn:aws:bedrock:${REGION}:${ACCOUNT}:inference-profile/eu.${MODEL}` };
    account.profiles = [profile('a', { models: regions }), system];
    await refresh();
    account.profiles.pop();
    await refresh();
    expect(table(PROFILES, 'model_source')).toEqual([['a', `eu.${MODEL}`]]);
  });

  test('keep their source when the service lists no models', async () => {
    account.profiles = [profile('a')];
    await refresh();
    account.profiles = [profile('a', { models: [] }), profile('b', { models: [] })];
    await refresh();
    expect(table(PROFILES, 'model_source')).toEqual([['a', MODEL], ['b', null]]);
  });

  test('stay when they are deleted, with the day on which they were missed, and come back', async () => {
    account.profiles = [profile('a'), profile('b')];
    await refresh();
    account.profiles = [profile('b', { tags: { team: 'search' } })];
    now += 2 * DAY_MS;
    await refresh();
    const columns = ['tags', 'first_seen', 'last_seen', 'deleted_on'];
    expect(table(PROFILES, ...columns)).toEqual([
      ['a', {}, '2026-11-21', '2026-11-21', '2026-11-23'], ['b', { team: 'search' }, '2026-11-21', '2026-11-23', null],
    ]);
    account.profiles.push(profile('a'));
    now += DAY_MS;
    await refresh();
    expect(table(PROFILES, ...columns)[0]).toEqual(['a', {}, '2026-11-21', '2026-11-24', null]);
  });

  test('are read from all pages', async () => {
    account.pageSize = 20;
    account.profiles = Array.from({ length: 210 }, (_, index) => profile(`p${index}`));
    await refresh({ pathPrefixes: undefined });
    expect(new Set(table(PROFILES).flat()).size).toBe(210);
    expect(account.callsOf('ListInferenceProfiles')).toHaveLength(12);
  });

  test('are asked about four at a time', async () => {
    account.answerMs = 5;
    account.profiles = Array.from({ length: 20 }, (_, index) => profile(`p${index}`));
    await refresh({ pathPrefixes: undefined });
    expect(account.mostAtOnce).toBe(4);
  });

  test('that are deleted while they are listed count as not listed', async () => {
    account.profiles = [profile('a'), profile('b')];
    account.fail('ListTagsForResource', { status: 404, code: 'ResourceNotFoundException', times: 1 });
    await refresh();
    expect(table(PROFILES)).toEqual([['b']]);
  });
});

describe('projects', () => {
  const listProjects = 'true';

  test('are not asked for unless it is said', async () => {
    account.projects = [project('proj_a')];
    await refresh();
    expect(account.callsOf('ListProjects')).toEqual([]);
  });

  test('are rows beside profiles; the default one and archived ones are none', async () => {
    account.profiles = [profile('a')];
    account.projects = [project('default'), project('proj_a', { team: 'search', other: 'x' }), project('proj_b', {}, 'archived')];
    await refresh({ listProjects });
    expect(table(PROFILES, 'kind', 'model_source', 'name', 'tags')).toEqual([
      ['proj_a', 'project', null, 'name of proj_a', { team: 'search' }], ['a', 'profile', MODEL, 'a', {}],
    ]);
  });

  test('may be without name, status and tags', async () => {
    account.projects = [{ arn: project('proj_a').arn, id: 'proj_a' }];
    await refresh({ listProjects });
    expect(table(PROFILES, 'name', 'tags')).toEqual([['proj_a', null, {}]]);
  });

  test('are asked for with a signature for the mantle endpoint in the Region', async () => {
    await refresh({ listProjects });
    expect(account.callsOf('ListProjects').map(({ service, region }) => [service, region])).toEqual([['bedrock-mantle', REGION]]);
  });

  test('are read from all pages', async () => {
    account.pageSize = 2;
    account.projects = ['proj_a', 'proj_b', 'proj_c', 'proj_d', 'proj_e'].map(id => project(id));
    await refresh({ listProjects });
    expect(rowsOf(PROFILES)).toHaveLength(5);
    expect(account.callsOf('ListProjects').map(({ query }) => query.get('after'))).toEqual([null, 'proj_b', 'proj_d']);
  });

  test('stay as they are when they are not listed any more by choice', async () => {
    account.projects = [project('proj_a')];
    await refresh({ listProjects });
    now += DAY_MS;
    await refresh();
    expect(table(PROFILES, 'last_seen', 'deleted_on')).toEqual([['proj_a', '2026-11-21', null]]);
  });

  test('fail the refresh when a page does not lead on, and nothing of them is written', async () => {
    account.pageSize = 1;
    account.lastId = 'proj_0';
    account.projects = [project('proj_a'), project('proj_b')];
    await expect(refresh({ listProjects })).rejects.toThrow(
      'projects: bedrock-mantle:ListProjects has more than 1 projects, but no page after "proj_0" that leads on');
    expect(rowsOf(PROFILES)).toEqual([]);
  });

  test.each([
    ['an object', {} as never, 'something else than projects: {"object":"list","data":[{}],'],
    ['nothing', null as never, 'something else than projects: {"object":"list","data":[null],'],
  ])('fail the refresh when one is %s', async (_case, odd, sentence) => {
    account.projects = [odd];
    await expect(refresh({ listProjects })).rejects.toThrow(sentence);
  });

  test('fail with what kept the endpoint from answering', async () => {
    const { url } = account;
    await account.close();
    const read = mantleReader(new BedrockClient({ region: REGION, credentials }), url);
    await expect(read(undefined)).rejects.toThrow('ECONNREFUSED');
    account = await AccountEndpoint.start();
  });

  test.each([
    ['throttling', 429, 'ThrottlingException'],
    ['a fault of the endpoint', 503, 'x'],
  ])('are asked for again after %s', async (_case, status, code) => {
    account.projects = [project('proj_a')];
    account.fail('ListProjects', { status, code, times: 1 });
    await refresh({ listProjects });
    expect(rowsOf(PROFILES)).toHaveLength(1);
    expect(sleeps).toHaveLength(1);
  });

  test('leave profiles alone when they cannot be listed', async () => {
    account.profiles = [profile('a')];
    account.fail('ListProjects', { status: 401, code: 'x' });
    await expect(refresh({ listProjects })).rejects.toThrow(/^projects: bedrock-mantle:ListProjects was refused with HTTP 401: HTTP status 401: /);
    expect(table(PROFILES)).toEqual([['a']]);
  });
});

describe('principals', () => {
  test('become rows with all columns of the table: roles and users with an attribution tag, and no other tag of them', async () => {
    account.roles = [role('teams/checkout', { team: 'payments', owner: 'jane' }), role('plain', { owner: 'joe' }), role('bare')];
    account.users = [user('ci', { costcenter: '7' }), user('jane')];
    await refresh();
    const history = { account_id: ACCOUNT, first_seen: '2026-11-21', last_seen: '2026-11-21', deleted_on: null };
    expect(rowsOf(PRINCIPALS)).toEqual([
      { principal_arn: `arn:aws:iam::${ACCOUNT}:role/teams/checkout`, tags: { team: 'payments' }, declares_for_others: [], ...history },
      { principal_arn: `arn:aws:iam::${ACCOUNT}:user/ci`, tags: { costcenter: '7' }, declares_for_others: [], ...history },
    ]);
  });

  test('that declare for others have a row without any tag', async () => {
    account.roles = [role('gateway'), role('plain')];
    const declaring = JSON.stringify([{ arn: role('gateway').arn, keys: 'team,service' }]);
    await refresh({ declaring });
    expect(table(PRINCIPALS, 'declares_for_others', 'tags')).toEqual([['gateway', ['team', 'service'], {}]]);
  });

  test('that lose their last tag are still there, and have none', async () => {
    account.roles = [role('checkout', { team: 'payments' })];
    await refresh();
    account.roles = [role('checkout', { owner: 'joe' })];
    now += DAY_MS;
    await refresh();
    expect(table(PRINCIPALS, 'tags', 'last_seen', 'deleted_on')).toEqual([['checkout', {}, '2026-11-22', null]]);
  });

  test('are read from all pages, and their tags too', async () => {
    account.pageSize = 2;
    account.roles = ['a', 'b', 'c', 'd', 'e'].map(name => role(name, { one: '1', two: '2', three: '3', team: name }));
    account.users = ['f', 'g', 'h'].map(name => user(name, { one: '1', two: '2', three: '3', team: name }));
    await refresh();
    expect(table(PRINCIPALS, 'tags')).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(team => [team, { team }]));
  });

  test('are listed below their paths only, once where paths overlap', async () => {
    account.roles = [role('teams/a', { team: 'a' }), role('teams/x/b', { team: 'b' }), role('other/c', { team: 'c' })];
    await refresh({ pathPrefixes: '/teams/\n/teams/x/' });
    expect(table(PRINCIPALS)).toEqual([['a'], ['b']]);
    expect(account.callsOf('ListRoleTags')).toHaveLength(2);
  });

  test('outside of the paths are not taken for deleted', async () => {
    account.roles = [role('teams/a', { team: 'a' }), role('other/b', { team: 'b' }), role('c', { team: 'c' })];
    await refresh();
    account.roles = [];
    now += DAY_MS;
    await refresh({ pathPrefixes: '/teams/' });
    expect(table(PRINCIPALS, 'deleted_on')).toEqual([['c', null], ['b', null], ['a', '2026-11-22']]);
  });

  test.each([
    ['a role', 'ListRoleTags'],
    ['a user', 'ListUserTags'],
  ])('%s that is deleted while it is listed counts as not listed', async (_case, operation) => {
    account.roles = [role('a', { team: 'a' })];
    account.users = [user('b', { team: 'b' })];
    account.fail(operation, { status: 404, code: 'NoSuchEntity' });
    await refresh();
    expect(rowsOf(PRINCIPALS)).toHaveLength(1);
  });

  test('are not asked for where there are no paths', async () => {
    account.roles = [role('a', { team: 'a' })];
    await refresh({ pathPrefixes: undefined });
    expect(account.calls.filter(({ service }) => service === 'iam')).toEqual([]);
    expect(account.objects.has(PRINCIPALS)).toBe(false);
  });
});

describe('files', () => {
  const write = (key: string, change: (text: string) => string): void => void account.objects.set(key, change(account.objects.get(key) ?? ''));

  test('are not written when nothing is new', async () => {
    account.profiles = [profile('a')];
    await refresh();
    await refresh();
    expect(account.callsOf('PutObject')).toHaveLength(1);
    expect(logged.at(-2)).toEqual({ message: 'refreshed', part: 'profiles', key: PROFILES, listed: 1, written: false });
  });

  test('are not written while there is nothing to write', async () => {
    await refresh();
    expect(account.objects.size).toBe(0);
  });

  test('are looked for before they are read, and written on the condition that nobody else does', async () => {
    account.profiles = [profile('a')];
    await refresh({ pathPrefixes: undefined });
    account.profiles.push(profile('b'));
    await refresh({ pathPrefixes: undefined });
    const calls = account.calls.filter(({ service }) => service === 's3');
    expect(calls.map(({ operation }) => operation)).toEqual(['ListObjects', 'PutObject', 'ListObjects', 'GetObject', 'PutObject']);
    expect(calls.filter(({ operation }) => operation === 'PutObject').map(({ headers }) => [headers['if-none-match'], headers['if-match'] !== undefined]))
      .toEqual([['*', false], [undefined, true]]);
  });

  test('are read anew when somebody else writes them meanwhile', async () => {
    account.profiles = [profile('a')];
    await refresh();
    const [line] = account.objects.get(PROFILES)!.split('\n');
    account.afterRead = key => {
      account.afterRead = () => undefined;
      write(key, text => `${text}${line.replace('profile/a', 'profile/theirs')}\n`);
    };
    account.profiles.push(profile('b'));
    await refresh();
    expect(table(PROFILES, 'deleted_on')).toEqual([['a', null], ['b', null], ['theirs', '2026-11-21']]);
  });

  test('fail the refresh when somebody else keeps writing them', async () => {
    account.profiles = [profile('a')];
    await refresh();
    account.profiles.push(profile('b'));
    account.afterRead = key => { write(key, text => `${text}\n`); };
    await expect(refresh()).rejects.toThrow(`profiles: s3://ledger/${PROFILES} was written by somebody else 5 times in a row`);
    expect(table(PROFILES)).toEqual([['a']]);
  });

  test('that are deleted between finding and reading are made anew', async () => {
    account.profiles = [profile('a')];
    account.objects.set(PROFILES, '');
    account.fail('GetObject', { status: 404, code: 'NoSuchKey', times: 1 });
    await refresh();
    expect(table(PROFILES)).toEqual([['a']]);
  });

  test('of other Regions, whose name begins alike, are left alone', async () => {
    const other = `${PROFILES}.old`;
    account.objects.set(other, 'not ours');
    account.profiles = [profile('a')];
    await refresh();
    expect(account.objects.get(other)).toBe('not ours');
    expect(table(PROFILES)).toEqual([['a']]);
  });

  test('keep columns that are not known here', async () => {
    account.profiles = [profile('a')];
    await refresh();
    write(PROFILES, text => text.replace('{', '{"later":1,'));
    now += DAY_MS;
    await refresh();
    expect(table(PROFILES, 'later', 'last_seen')).toEqual([['a', 1, '2026-11-22']]);
  });

  const good = '{"inference_profile_arn":"x","kind":"profile","first_seen":"2026-11-01","last_seen":"2026-11-01","deleted_on":null}';

  test.each([
    ['half a line', `${good}\n${good.slice(0, 20)}`, 'line 2: '],
    ['a list', '[]', 'line 1: it is no JSON object'],
    ['null', 'null', 'line 1: it is no JSON object'],
    ['a row without ARN', '{}', 'line 1: it has no inference_profile_arn'],
    ['an ARN twice', `${good}\n${good}`, 'line 2: "x" is there twice'],
    ['a row without a first day', good.replace('"first_seen":"2026-11-01",', ''), 'line 1: first_seen, last_seen and deleted_on are [null,"2026-11-01",null] and not days'],
    ['a last day that is none', good.replace('"last_seen":"2026-11-01"', '"last_seen":"soon"'), 'line 1: first_seen, last_seen'],
    ['a row without day of deletion', good.replace(',"deleted_on":null', ''), 'line 1: first_seen, last_seen'],
  ])('with %s fail the refresh, and are not overwritten', async (_case, text, sentence) => {
    account.objects.set(PROFILES, text);
    account.profiles = [profile('a')];
    account.roles = [role('b', { team: 'b' })];
    await expect(refresh()).rejects.toThrow(`profiles: s3://ledger/${PROFILES}, ${sentence}`);
    expect(account.objects.get(PROFILES)).toBe(text);
    expect(table(PRINCIPALS)).toEqual([['b']]);
  });
});

describe('failures', () => {
  beforeEach(async () => {
    account.pageSize = 1;
    account.profiles = [profile('a'), profile('b')];
    account.roles = [role('c', { team: 'c' }), role('d', { team: 'd' })];
    account.users = [user('e', { team: 'e' }), user('f', { team: 'f' })];
    await refresh();
    now += DAY_MS;
    account.profiles.pop();
    account.roles.pop();
    account.users.pop();
    sleeps = [];
  });

  test.each([
    ['ListInferenceProfiles', PROFILES, 'profiles: bedrock:ListInferenceProfiles was refused with AccessDeniedException'],
    ['ListTagsForResource', PROFILES, 'profiles: bedrock:ListTagsForResource was refused with AccessDeniedException'],
    ['ListRoles', PRINCIPALS, 'principals: iam:ListRoles was refused with AccessDeniedException'],
    ['ListUsers', PRINCIPALS, 'principals: iam:ListUsers was refused with AccessDeniedException'],
    ['ListRoleTags', PRINCIPALS, 'principals: iam:ListRoleTags was refused with AccessDeniedException'],
    ['ListUserTags', PRINCIPALS, 'principals: iam:ListUserTags was refused with AccessDeniedException'],
  ])('of %s change nothing of the file, and the other one is refreshed', async (operation, untouched, sentence) => {
    const before = account.objects.get(untouched);
    account.fail(operation, { status: 403, code: 'AccessDeniedException' });
    await expect(refresh()).rejects.toThrow(sentence);
    expect(sleeps).toEqual([]);
    expect(account.objects.get(untouched)).toBe(before);
    expect(rowsOf(untouched === PROFILES ? PRINCIPALS : PROFILES).some(row => row.deleted_on !== null)).toBe(true);
    expect(logged).toContainEqual({ message: 'not refreshed', part: untouched === PROFILES ? 'profiles' : 'principals', error: expect.any(String) });
  });

  test.each(['ListInferenceProfiles', 'ListRoles', 'ListRoleTags'])('of %s after its first page change nothing', async operation => {
    account.profiles.push(profile('x'));
    account.roles.push(role('x', { team: 'x' }));
    const before = new Map(account.objects);
    account.fail(operation, { status: 403, code: 'AccessDeniedException', after: 1 });
    await expect(refresh()).rejects.toThrow('was refused');
    const untouched = operation === 'ListInferenceProfiles' ? PROFILES : PRINCIPALS;
    expect(account.objects.get(untouched)).toBe(before.get(untouched));
  });

  test.each([
    ['ListInferenceProfiles', 429, 'ThrottlingException'],
    ['ListTagsForResource', 429, 'ThrottlingException'],
    ['ListRoles', 400, 'Throttling'],
    ['ListRoleTags', 400, 'Throttling'],
    ['ListUserTags', 500, 'ServiceFailure'],
    ['ListObjects', 503, 'SlowDown'],
    ['GetObject', 500, 'InternalError'],
    ['PutObject', 503, 'SlowDown'],
  ])('of %s with HTTP status %s pass', async (operation, status, code) => {
    account.fail(operation, { status, code, times: 1 });
    await refresh();
    expect(sleeps).toHaveLength(1);
    expect(table(PROFILES, 'deleted_on')).toEqual([['a', null], ['b', '2026-11-22']]);
    expect(table(PRINCIPALS, 'deleted_on')).toEqual([['c', null], ['d', '2026-11-22'], ['e', null], ['f', '2026-11-22']]);
  });

  test('that do not pass end in time, and say how long it was tried', async () => {
    account.fail('ListRoles', { status: 400, code: 'Throttling' });
    const started = now;
    await expect(refresh()).rejects.toThrow(/^principals: iam:ListRoles: gave up after \d+ attempts in \d+ seconds: Throttling: /);
    expect(now - started).toBeLessThanOrEqual(840_000);
  });

  test.each([
    ['ListObjects', 's3:ListBucket'],
    ['GetObject', 's3:GetObject'],
    ['PutObject', 's3:PutObject'],
  ])('of %s are told with the permission that is missing', async (operation, action) => {
    account.fail(operation, { status: 403, code: 'AccessDenied' });
    await expect(refresh()).rejects.toThrow(new RegExp(`profiles: ${action} was refused with AccessDenied: .*; principals: ${action} was refused`));
  });

  test.each([
    ['a profile', () => account.profiles.push(profile('x', { arn: '' })), 'bedrock:ListInferenceProfiles lists a profile without an ARN'],
    ['a role', () => account.roles.push({ arn: '' }), 'iam:ListRoles lists a principal without an ARN'],
    ['a user', () => account.users.push({ arn: '' }), 'iam:ListUsers lists a principal without an ARN'],
  ])('%s that is listed without an ARN fails the refresh', async (_case, add, sentence) => {
    add();
    await expect(refresh()).rejects.toThrow(sentence);
  });

  test('nothing further is asked once a call has failed', async () => {
    account.profiles = Array.from({ length: 50 }, (_, index) => profile(`p${index}`));
    account.fail('ListTagsForResource', { status: 403, code: 'AccessDeniedException' });
    await expect(refresh({ pathPrefixes: undefined })).rejects.toThrow('AccessDeniedException');
    expect(account.callsOf('ListTagsForResource').length).toBeLessThan(10);
  });
});

test.each([
  ['inference_profiles', PROFILES],
  ['principals', PRINCIPALS],
])('rows have the columns of the table %s, and no others', async (name, key) => {
  account.profiles = [profile('a')];
  account.roles = [role('b', { team: 'b' })];
  await refresh();
  const columns = DIMENSION_TABLES.find(one => one.name === name)!.columns.map(column => column.name);
  expect(Object.keys(rowsOf(key)[0]).sort()).toEqual([...columns].sort());
});

test('the mantle endpoint is that of the Region', () => {
  expect(mantleEndpoint(REGION)).toBe('https://bedrock-mantle.eu-west-1.api.aws');
});

test('the bundled function is there and has the entry point that the template names', () => {
  const bundle = packageFile('assets', 'dimension-refresher', 'index.js');
  expect(existsSync(bundle)).toBe(true); // made by: npm run build:handlers
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle is CommonJS that is made at build time
  const module = require(bundle) as { handler: unknown };
  expect(typeof module.handler).toBe('function');
});
