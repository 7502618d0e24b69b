import { SSMClient } from '@aws-sdk/client-ssm';
import { AttributionError, defineAttributionSchema } from '../../src';
import { type MantleProject, openProject, type OpenProjectOptions } from '../../src/mantle';
import { AwsEndpoint, type MantleProject as PlayedProject } from '../support/aws-endpoint';

const ID = 'proj_abc123';
const NAME = '/bedrock-cost-attribution/projects/payments/check_20out/prod';
const PUBLISHED = { projectArn: `arn:aws:bedrock-mantle:us-east-1:111122223333:project/${ID}`, projectId: ID };

const SCHEMA = defineAttributionSchema({
  version: 2,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'service', description: 'Service that makes the call.', required: true, spellings: { resourceTag: 'app:service' } },
    { name: 'env', description: 'Stage that the service runs in.', required: true },
    { name: 'stage', description: 'Former name of env.', deprecatedInFavourOf: 'env', since: 1 },
    { name: 'feature', description: 'Feature of the service.', carriers: ['requestMetadata'] },
    { name: 'owner', description: 'Who answers for it.', personal: true },
  ],
});
const ATTRIBUTION = { team: 'payments', service: 'check out', env: 'prod' } as const;
const TAGS = { 'team': 'payments', 'app:service': 'check out', 'env': 'prod' };

let endpoint: AwsEndpoint;
let ssm: SSMClient;

beforeAll(async () => {
  endpoint = await AwsEndpoint.start();
  ssm = new SSMClient({ endpoint: endpoint.url, region: 'us-east-1', credentials: endpoint.credentials, maxAttempts: 1 });
});
beforeEach(() => {
  play({});
});
afterEach(() => {
  endpoint.reset();
});
afterAll(async () => {
  ssm.destroy();
  await endpoint.close();
});

function play(project: Partial<PlayedProject>): void {
  endpoint.projects.set(ID, { id: ID, name: 'Assistant', status: 'active', tags: TAGS, ...project });
}

const USUAL = { projectId: ID, region: 'us-east-1' };

function open(options: Partial<OpenProjectOptions<typeof SCHEMA.definition & object>> = {}): Promise<MantleProject> {
  return openProject({ ...USUAL, auth: { bearerToken: endpoint.apiKey }, endpoint: endpoint.url, ...options });
}

/** The error that opening fails with, which must be one of attribution. */
async function failure(opening: Promise<unknown>): Promise<AttributionError> {
  const error: unknown = await opening.then(() => undefined, (reason: unknown) => reason);
  if (!AttributionError.is(error)) throw new Error('no attribution error', { cause: error });
  return error;
}

describe('a project that calls are attributed to', () => {
  test.each([
    ['an API key', () => ({ bearerToken: endpoint.apiKey })],
    ['a signature', () => ({ credentials: endpoint.credentials })],
  ])('is asked for once at start, with %s', async (_, auth) => {
    const project = await open({ auth: auth(), schema: SCHEMA, attribution: ATTRIBUTION });
    expect(project).toMatchObject({ id: ID, endpoint: endpoint.url });
    expect(endpoint.requests).toMatchObject([{ operation: 'GetProject', method: 'GET', path: `/v1/organization/projects/${ID}`, outcome: 'answered' }]);
  });

  test('is at the endpoint of its Region unless another is given', async () => {
    const asked: unknown[] = [];
    const project = await openProject({
      ...USUAL,
      region: 'us-gov-west-1',
      auth: { bearerToken: 'key' },
      fetch: input => {
        asked.push(input);
        return Promise.resolve(Response.json({ id: ID, status: 'active', tags: {} }));
      },
    });
    expect(asked).toEqual([`https://bedrock-mantle.us-gov-west-1.api.aws/v1/organization/projects/${ID}`]);
    expect(project.baseURL('openai')).toBe('https://bedrock-mantle.us-gov-west-1.api.aws/v1');
    expect(project.baseURL('anthropic')).toBe('https://bedrock-mantle.us-gov-west-1.api.aws/anthropic');
  });

  test('may have tags of other origin, whatever they are', async () => {
    play({ tags: { ...TAGS, 'aws:cloudformation:stack-name': 'app', 'note': 'é' } });
    await expect(open({ schema: SCHEMA, attribution: ATTRIBUTION })).resolves.toBeDefined();
  });

  test('may be tagged by the former name of a key, or the attribution may use it', async () => {
    play({ tags: { 'team': 'payments', 'app:service': 'check out', 'stage': 'prod' } });
    await expect(open({ schema: SCHEMA, attribution: ATTRIBUTION })).resolves.toBeDefined();
    play({});
    await expect(open({ schema: SCHEMA, attribution: { team: 'payments', stage: 'prod' } })).resolves.toBeDefined();
  });

  test('is not compared by keys that ride on no tag', async () => {
    await expect(open({ schema: SCHEMA, attribution: { ...ATTRIBUTION, feature: 'summary' } })).resolves.toBeDefined();
  });

  test('may have its tags in a list, and an empty date of archival', async () => {
    const tags = Object.entries(TAGS).map(([key, value]) => ({ key, value }));
    endpoint.order('GetProject', { body: { id: ID, status: 'active', archived_at: null, tags } });
    await expect(open({ schema: SCHEMA, attribution: ATTRIBUTION })).resolves.toBeDefined();
  });

  test('is taken as it is when it is not to be verified', async () => {
    endpoint.projects.delete(ID);
    await expect(open({ verify: false })).resolves.toMatchObject({ id: ID });
    expect(endpoint.requests).toEqual([]);
  });
});

describe('fails with InvalidProject', () => {
  test('when there is no such project, which calls would not tell', async () => {
    endpoint.projects.delete(ID);
    expect(await failure(open())).toMatchObject({ code: 'InvalidProject', problems: [{ code: 'projectNotFound', got: `"${ID}"` }] });
    // the reason for asking: the endpoint answers all the same
    const project = await open({ verify: false });
    expect((await project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}' })).status).toBe(200);
  });

  test.each([
    ['its status', { status: 'archived', archived_at: null }],
    ['its status in capitals', { status: 'ARCHIVED' }],
    ['the date of it', { archived_at: 1_770_000_000 }],
  ])('when it is archived, by %s', async (_, said) => {
    endpoint.order('GetProject', { body: { id: ID, tags: TAGS, ...said } });
    expect((await failure(open())).problems).toMatchObject([{ code: 'archived' }]);
  });

  test.each([
    ['says something else', { ...TAGS, team: 'search' }, 'anotherAttribution', 'resourceTag.team', '"search"'],
    ['is missing', { 'team': 'payments', 'app:service': 'check out' }, 'missingKey', 'resourceTag.env', 'nothing'],
    ['is written in another case', { 'Team': 'payments', 'app:service': 'check out', 'env': 'prod' }, 'spellingVariant', 'resourceTag.Team', '"Team"'],
    ['has a value that the schema does not allow', { ...TAGS, team: 'ads' }, 'value', 'resourceTag.team', '"ads"'],
  ])('when a tag %s', async (_, tags, code, path, got) => {
    play({ tags });
    const { problems } = await failure(open({ schema: SCHEMA, attribution: ATTRIBUTION }));
    expect(problems).toMatchObject([{ code, path, got }]);
  });

  test('when an optional key of the attribution is not among the tags', async () => {
    const { problems } = await failure(open({ schema: SCHEMA, attribution: { ...ATTRIBUTION, owner: 'jane@example.com' } }));
    expect(problems).toMatchObject([{ code: 'anotherAttribution', path: 'resourceTag.owner', got: 'nothing' }]);
  });

  test('without personal values in the message', async () => {
    play({ tags: { ...TAGS, owner: 'john@example.com' } });
    const error = await failure(open({ schema: SCHEMA, attribution: { ...ATTRIBUTION, owner: 'jane@example.com' } }));
    expect(error.problems).toMatchObject([{ code: 'anotherAttribution', path: 'resourceTag.owner' }]);
    expect(error.message).not.toMatch(/john|jane/);
  });

  test('with all that is wrong with the tags at once', async () => {
    play({ tags: { 'team': 'search', 'app:service': 'search' } });
    const { problems } = await failure(open({ schema: SCHEMA, attribution: ATTRIBUTION }));
    expect(problems.map(({ path }) => path).sort()).toEqual(['resourceTag.app:service', 'resourceTag.env', 'resourceTag.team']);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'team=payments'],
    ['a map of numbers', { team: 7 }],
    ['a list of texts', ['team']],
    ['a list with a gap', [{ key: 'team', value: 'payments' }, null]],
  ])('when the endpoint tells %s for tags, with the permission that it takes', async (_, tags) => {
    endpoint.order('GetProject', { body: { id: ID, status: 'active', tags } });
    const { problems } = await failure(open({ schema: SCHEMA }));
    expect(problems).toMatchObject([{ code: 'tagsUnknown', remedy: expect.stringContaining('bedrock-mantle:ListTagsForResource') }]);
  });

  test.each([
    [401, 'UnauthorizedException'],
    [403, 'AccessDeniedException'],
  ])('when the caller may not ask (%i), with the permissions that it takes', async (status, code) => {
    endpoint.order('GetProject', { code, status, message: 'User is not authorized' });
    const [problem] = (await failure(open())).problems;
    expect(problem).toMatchObject({ code: 'forbidden', got: `"${status} User is not authorized"` });
    for (const action of ['GetProject', 'ListTagsForResource', 'CallWithBearerToken']) expect(problem.remedy).toContain(`bedrock-mantle:${action}`);
    expect(endpoint.requests).toHaveLength(1);
  });

  test.each([
    ['another project', { body: { id: 'proj_other', tags: { owner: 'jane@example.com' } } }],
    ['no JSON object', { body: [] }],
    ['a success without a body', { status: 204 }],
    ['a refusal of another kind', { code: 'invalid_request_error', status: 400, message: 'no' }],
  ])('when the answer is %s', async (_, order) => {
    endpoint.order('GetProject', order);
    const { message, problems } = await failure(open());
    expect(problems).toMatchObject([{ code: 'unknownAnswer' }]);
    expect(message).not.toContain('jane');
  });

  test('when the answer is a page that is no JSON, of which the beginning is quoted', async () => {
    const page = `<html>${'x'.repeat(10_000)}</html>`;
    const { problems } = await failure(open({ fetch: () => Promise.resolve(new Response(page)) }));
    expect(problems).toMatchObject([{ code: 'unknownAnswer', got: expect.stringMatching(/^"200 <html>x{280,300}"$/) }]);
  });
});

describe('a published project', () => {
  const fromParameter = (name?: string) => ({ projectId: undefined, parameter: { client: ssm, name } });

  test('is found under the name that the constructs compute', async () => {
    endpoint.parameters.set(NAME, JSON.stringify(PUBLISHED));
    await expect(open({ ...fromParameter(), schema: SCHEMA, attribution: ATTRIBUTION })).resolves.toMatchObject({ id: ID });
  });

  test('is found by the former name of a key', async () => {
    endpoint.parameters.set(NAME, JSON.stringify(PUBLISHED));
    const attribution = { team: 'payments', service: 'check out', stage: 'prod' } as const;
    await expect(open({ ...fromParameter(), schema: SCHEMA, attribution })).resolves.toMatchObject({ id: ID });
  });

  test.each(['/company/assistant', 'arn:aws:ssm:us-east-1:444455556666:parameter/company/assistant'])('is found without a schema at %s', async name => {
    endpoint.parameters.set('/company/assistant', JSON.stringify(PUBLISHED));
    await expect(open(fromParameter(name))).resolves.toMatchObject({ id: ID });
  });

  test('fails when nothing is published there', async () => {
    const error = await failure(open({ ...fromParameter(), schema: SCHEMA, attribution: ATTRIBUTION }));
    expect(error).toMatchObject({ code: 'InvalidProject', problems: [{ code: 'parameterNotFound', got: JSON.stringify(NAME) }] });
    expect(error.cause).toMatchObject({ name: 'ParameterNotFound' });
  });

  test('fails with the error of the client when it may not be read', async () => {
    endpoint.order('GetParameter', { code: 'AccessDeniedException' });
    await expect(open(fromParameter('/company/assistant'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each([
    ['no JSON', 'proj_abc123', ['parameterValue']],
    ['no object', '["a"]', ['parameterValue']],
    ['nothing of a project', '{}', ['projectId', 'region']],
    ['the default project', JSON.stringify({ ...PUBLISHED, projectId: 'default' }), ['projectId']],
    ['a project of another Region', JSON.stringify({ ...PUBLISHED, projectArn: PUBLISHED.projectArn.replace('us-east-1', 'eu-west-1') }), ['region']],
  ])('fails when the parameter holds %s', async (_, text, codes) => {
    endpoint.parameters.set('/company/assistant', text);
    const error = await failure(open(fromParameter('/company/assistant')));
    expect(error.code).toBe('InvalidProject');
    expect(error.problems.map(({ code }) => code)).toEqual(codes);
    if (codes[0] === 'parameterValue') expect(error.message).not.toContain(text);
    expect(endpoint.requestsOf('GetProject')).toEqual([]);
  });
});

describe('fails with InvalidConfiguration, before anybody is asked,', () => {
  const otherwise = (options: object): Promise<MantleProject> => open(options);

  test.each<[string, () => object, string, string]>([
    ['without a project', () => ({ projectId: undefined }), 'projectId', 'nothing'],
    ['with the default project', () => ({ projectId: 'default' }), 'projectId', '"default"'],
    ['with an ARN for an id', () => ({ projectId: PUBLISHED.projectArn }), 'projectId', JSON.stringify(PUBLISHED.projectArn)],
    ['with an id that would change the path', () => ({ projectId: 'proj_a/../b' }), 'projectId', '"proj_a/../b"'],
    ['with an id and a parameter', () => ({ parameter: { client: ssm } }), 'parameter', '"both projectId and parameter"'],
    ['with a parameter without a name and a schema', () => ({ projectId: undefined, parameter: { client: ssm } }), 'parameter.name', 'nothing'],
    ['with a name that is none of a parameter', () => ({ projectId: undefined, parameter: { client: ssm, name: 'a b' } }), 'parameter.name', '"a b"'],
    ['with a region that is none', () => ({ region: 'us-east-1.example.com/' }), 'region', '"us-east-1.example.com/"'],
    ['without a way to authenticate', () => ({ auth: {} }), 'auth', '"neither"'],
    ['with two ways to authenticate', () => ({ auth: { bearerToken: 'secret', credentials: endpoint.credentials } }), 'auth', '"both"'],
    ['without any auth', () => ({ auth: undefined }), 'auth', '"neither"'],
    ['with an empty key', () => ({ auth: { bearerToken: '' } }), 'auth', '"a bearerToken that no header may have"'],
    ['with a key of two lines', () => ({ auth: { bearerToken: 'one\ntwo' } }), 'auth', '"a bearerToken that no header may have"'],
    ['with an address that has a password', () => ({ endpoint: 'https://me:hunter2@host' }), 'endpoint', '"https://…@host"'],
    ['with an attribution without a schema', () => ({ attribution: ATTRIBUTION }), 'schema', 'nothing'],
    ['with a key that the schema does not know', () => ({ schema: SCHEMA, attribution: { tem: 'payments' } }), 'attribution.tem', '"tem"'],
    ['with a value that the schema does not allow', () => ({ schema: SCHEMA, attribution: { team: 'ads' } }), 'attribution.team', '"ads"'],
  ])('%s', async (_, options, path, got) => {
    const error = await failure(otherwise(options()));
    expect(error).toMatchObject({ code: 'InvalidConfiguration', problems: [{ path, got }] });
    expect(endpoint.requests).toEqual([]);
  });

  test.each(['bedrock-mantle.eu-west-1.api.aws', 'ftp://host', 'https://host/v1', 'https://host/anthropic/', 'https://host?a=b', 'https://host/#a'])('with the endpoint %p', async given => {
    expect((await failure(open({ endpoint: given }))).problems).toMatchObject([{ code: 'endpoint', got: JSON.stringify(given) }]);
  });

  test.each([0, 11, 1.5, NaN])('with %p attempts', async attempts => {
    expect((await failure(open({ attempts }))).problems).toMatchObject([{ code: 'attempts' }]);
  });

  test.each([0, -1, 300.1, NaN, Infinity])('with a timeout of %p seconds', async timeoutSeconds => {
    expect((await failure(open({ timeoutSeconds }))).problems).toMatchObject([{ code: 'timeoutSeconds' }]);
  });

  test('with all required keys that the name of a parameter lacks', async () => {
    const { problems } = await failure(open({ projectId: undefined, parameter: { client: ssm }, schema: SCHEMA, attribution: { team: 'payments', service: '' } }));
    expect(problems).toMatchObject([
      { code: 'missingKey', path: 'attribution.service', got: '""' },
      { code: 'missingKey', path: 'attribution.env', got: 'nothing' },
    ]);
  });

  test('with everything that is wrong', async () => {
    const error = await failure(otherwise({ projectId: 'default', region: '', auth: {}, endpoint: 'x', attempts: 0, timeoutSeconds: 0, attribution: {} }));
    expect(error.problems.map(({ code }) => code)).toEqual(['projectId', 'region', 'endpoint', 'auth', 'schema', 'attempts', 'timeoutSeconds']);
    expect(error.message).toContain('the project to open has 7 problems');
  });
});

test('a start asks as often, and as long, as it is told', async () => {
  endpoint.order('GetProject', { code: 'ThrottlingException', status: 429, message: 'slow down' });
  expect((await failure(open({ attempts: 1 }))).problems).toMatchObject([{ code: 'unverified', got: '"429 slow down"' }]);
  let answer = (): void => undefined;
  endpoint.order('GetProject', { until: new Promise<void>(resolve => answer = resolve) });
  expect((await failure(open({ attempts: 1, timeoutSeconds: 0.02 }))).cause).toMatchObject({ name: 'TimeoutError' });
  answer();
});

test.each([1, 10])('%p attempts are allowed', async attempts => {
  await expect(open({ attempts })).resolves.toBeDefined();
});

test.each([300, 0.9995, 4.0001])('a timeout of %p seconds is allowed', async timeoutSeconds => {
  await expect(open({ timeoutSeconds, attempts: 1 })).resolves.toBeDefined();
});

test('the compiler knows keys and values', () => {
  const options = { ...USUAL, auth: { bearerToken: 'key' }, verify: false, schema: SCHEMA };
  const opened = [
    openProject({ ...options, attribution: { team: 'payments' } }),
    // @ts-expect-error -- no such team
    openProject({ ...options, attribution: { team: 'ads' } }),
    // @ts-expect-error -- one way to authenticate
    openProject({ ...options, auth: { bearerToken: 'key', credentials: endpoint.credentials } }),
  ];
  return expect(Promise.allSettled(opened).then(all => all.map(({ status }) => status))).resolves.toEqual(['fulfilled', 'rejected', 'rejected']);
});
