import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GetParameterCommand, GetParametersByPathCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, type AssumeRoleCommandInput, type Credentials, STSClient } from '@aws-sdk/client-sts';
import { endpointOfFile } from './endpoint-of-file';

const ROLE = 'arn:aws:iam::111122223333:role/gateway/Tenant';
const NOON = Date.UTC(2026, 10, 21, 12);

const clients: { destroy: () => void }[] = [];

// before the endpoint closes
afterAll(() => {
  for (const client of clients) client.destroy();
});
const endpoint = endpointOfFile();

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly maxAttempts: number;
}

function configOf(credentials: Credentials | undefined): ClientConfig {
  return {
    endpoint: endpoint().url,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: credentials === undefined ? endpoint().credentials : {
      accessKeyId: credentials.AccessKeyId!, secretAccessKey: credentials.SecretAccessKey!, sessionToken: credentials.SessionToken!,
    },
  };
}

function kept<T extends { destroy: () => void }>(client: T): T {
  clients.push(client);
  return client;
}

async function assume(input: Partial<AssumeRoleCommandInput> = {}, caller?: Credentials): Promise<Credentials> {
  const sts = kept(new STSClient(configOf(caller)));
  const { Credentials: credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'tenant-a', ...input }));
  return credentials!;
}

async function converse(credentials: Credentials): Promise<unknown> {
  return kept(new BedrockRuntimeClient(configOf(credentials))).send(new ConverseCommand({ modelId: 'amazon.nova-lite-v1:0', messages: [] }));
}

describe('sts', () => {
  test('hands out sessions, and tells by the access key who signed', async () => {
    endpoint().clock = () => NOON;
    const credentials = await assume({
      Tags: [{ Key: 'team', Value: 'payments' }, { Key: 'tenant', Value: 'a' }], TransitiveTagKeys: ['team'],
      SourceIdentity: 'gateway', ExternalId: 'x-1', DurationSeconds: 900,
    });
    expect(credentials.Expiration).toEqual(new Date(NOON + 900_000));
    await converse(credentials);
    expect(endpoint().session(endpoint().requestsOf('Converse')[0].accessKeyId)).toMatchObject({
      roleArn: ROLE, sessionName: 'tenant-a', arn: 'arn:aws:sts::111122223333:assumed-role/Tenant/tenant-a', tags: { team: 'payments', tenant: 'a' },
      transitiveTagKeys: ['team'], sourceIdentity: 'gateway', externalId: 'x-1', durationSeconds: 900,
    });
  });

  test('hands out keys of their own to each session', async () => {
    const [one, other] = [await assume(), await assume()];
    expect(one.AccessKeyId).not.toBe(other.AccessKeyId);
  });

  test('fails for a session that the clock has ended', async () => {
    let now = NOON;
    endpoint().clock = () => now;
    const credentials = await assume();
    now = NOON + 3_599_999;
    await converse(credentials);
    now = NOON + 3_600_000;
    await expect(converse(credentials)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });

  test('fails for the keys of a session without its token', async () => {
    const credentials = await assume();
    await expect(converse({ ...credentials, SessionToken: 'forged' })).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  test.each<[string, Partial<AssumeRoleCommandInput>, string]>([
    ['a session name with a space', { RoleSessionName: 'tenant a' }, 'ValidationError'],
    ['a session name of one character', { RoleSessionName: 'a' }, 'ValidationError'],
    ['a session name of 65 characters', { RoleSessionName: 'a'.repeat(65) }, 'ValidationError'],
    ['a source identity with a slash', { SourceIdentity: 'a/b' }, 'ValidationError'],
    ['51 tags', { Tags: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: 'v' })) }, 'ValidationError'],
    ['51 transitive keys', { TransitiveTagKeys: Array.from({ length: 51 }, (_, index) => `k${index}`) }, 'ValidationError'],
    ['a tag value with a bar', { Tags: [{ Key: 'user', Value: 'auth0|1' }] }, 'ValidationError'],
    ['an empty tag key', { Tags: [{ Key: '', Value: 'v' }] }, 'ValidationError'],
    ['keys that differ in case alone', { Tags: [{ Key: 'Team', Value: 'a' }, { Key: 'team', Value: 'b' }] }, 'InvalidParameterValue'],
    ['less than 15 minutes', { DurationSeconds: 899 }, 'ValidationError'],
    ['more than 12 hours', { DurationSeconds: 43_201 }, 'ValidationError'],
    ['what is no role', { RoleArn: 'arn:aws:iam::111122223333:user/alice' }, 'ValidationError'],
  ])('fails for %s', async (_, input, name) => {
    await expect(assume(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  test('allows 12 hours to a user, and one to a session', async () => {
    const session = await assume({ DurationSeconds: 43_200 });
    await assume({ DurationSeconds: 3600 }, session);
    await expect(assume({ DurationSeconds: 3601 }, session)).rejects.toThrow(/role chaining/);
  });

  test('passes transitive tags on, and fails when they are set again', async () => {
    const session = await assume({ Tags: [{ Key: 'team', Value: 'payments' }], TransitiveTagKeys: ['team'] });
    const chained = await assume({}, session);
    expect(endpoint().session(chained.AccessKeyId)!.tags).toEqual({ team: 'payments' });
    await expect(assume({ Tags: [{ Key: 'Team', Value: 'search' }] }, session)).rejects.toThrow(/transitive tag key/);
  });

  test.each([['AccessDenied', 403], ['PackedPolicyTooLarge', 400], ['Throttling', 400]])('refuses with %s when it is ordered', async (code, status) => {
    endpoint().order('AssumeRole', { code, message: 'as ordered' });
    await expect(assume()).rejects.toMatchObject({ message: 'as ordered', $metadata: { httpStatusCode: status } });
    await assume();
  });

  test('is down until it is up', async () => {
    endpoint().down('sts');
    await expect(assume()).rejects.toThrow(/ECONNRESET/);
    endpoint().down('sts', 'unavailable');
    await expect(assume()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    endpoint().up('sts');
    await assume();
    expect(endpoint().requestsOf('AssumeRole')).toHaveLength(3);
  });
});

describe('systems manager', () => {
  const ssm = (): SSMClient => kept(new SSMClient(configOf(undefined)));

  test('gives a parameter by name and by ARN', async () => {
    endpoint().parameters.set('/a/schema', '{}');
    for (const Name of ['/a/schema', 'arn:aws:ssm:us-east-1:111122223333:parameter/a/schema']) {
      expect((await ssm().send(new GetParameterCommand({ Name }))).Parameter).toMatchObject({ Name: '/a/schema', Value: '{}' });
    }
  });

  test('fails for a parameter that does not exist', async () => {
    await expect(ssm().send(new GetParameterCommand({ Name: '/nothing' }))).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('gives several parameters, and the names of those that do not exist', async () => {
    endpoint().parameters.set('/a', '1');
    expect(await ssm().send(new GetParametersCommand({ Names: ['/a', '/b'] }))).toMatchObject({ Parameters: [{ Value: '1' }], InvalidParameters: ['/b'] });
  });

  test('gives the parameters below a path in pages', async () => {
    for (let index = 0; index < 12; index++) endpoint().parameters.set(`/p/${index}`, String(index));
    endpoint().parameters.set('/p/deep/er', 'x');
    endpoint().parameters.set('/pq', 'y');
    const names: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const page = await ssm().send(new GetParametersByPathCommand({ Path: '/p', Recursive: true, NextToken: token }));
      names.push(...page.Parameters!.map(({ Name }) => Name!));
      token = page.NextToken;
      pages++;
    } while (token !== undefined);
    expect([pages, names.length, new Set(names).size]).toEqual([2, 13, 13]);
    const { Parameters: flat } = await ssm().send(new GetParametersByPathCommand({ Path: '/p/deep' }));
    expect(flat!.map(({ Name }) => Name)).toEqual(['/p/deep/er']);
  });
});
