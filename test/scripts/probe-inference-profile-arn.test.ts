import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AttributedInvocationPolicy, AttributionRequirement, BedrockServiceRole, InvocationTarget } from '../../lib/access';
import { ApplicationInferenceProfile, ModelSource } from '../../lib/inference-profiles';
import { AttributionSchema } from '../../lib/schema';
import { isAllowed, type Statement } from '../support/evaluate-policy';
import { PretendedAccount, type Failure, type Profile, type Settings } from './pretended-account';

const SCRIPT = path.join(__dirname, '..', '..', 'scripts', 'probe-inference-profile-arn.ts');
const MODEL = 'amazon.nova-lite-v1:0';
const ROLE = 'arn:aws:iam::111122223333:role/path/probe';
const model = (region: string): string => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`;
const system = (id: string, models: string[]): Profile => ({ arn: `arn:aws:bedrock:eu-west-1:111122223333:inference-profile/${id}`, type: 'SYSTEM_DEFINED', models });
const application = (models: string[], wraps?: Profile): Profile => (
  { arn: 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc123def456', type: 'APPLICATION', models, wraps: wraps?.arn }
);

const GEO = system(`eu.${MODEL}`, [model('eu-west-1'), model('eu-central-1'), model('eu-north-1')]);
const WORLD = system(`global.${MODEL}`, [model(''), model('eu-west-1')]);
const OTHER = system(`us.${MODEL}`, [model('us-east-1'), model('us-west-2')]);
const overGeo = application([...GEO.models].reverse(), GEO);
const overWorld = application(WORLD.models, WORLD);

const KEYS = {
  'the application profile': ({ arn }: Profile) => arn,
  'the system-defined profile': ({ wraps }: Profile) => wraps,
  'nothing': () => undefined,
};

interface Run {
  readonly exitCode: number | null;
  /** What was printed, with the line breaks within paragraphs taken out. */
  readonly text: string;
  readonly lines: string[];
  readonly account: PretendedAccount;
}

interface Conditions extends Partial<Settings> {
  readonly args?: string[];
  readonly env?: Record<string, string>;
}

/** Runs the script in a process of its own against an account that is none. */
async function probe(profile: Profile, { args = [], env = {}, ...settings }: Conditions = {}): Promise<Run> {
  const account = await PretendedAccount.start({ profiles: [profile, OTHER, GEO, WORLD], keyOf: KEYS['the application profile'], ...settings });
  try {
    const tsx = pathToFileURL(require.resolve('tsx')).href;
    const child = spawn(process.execPath, ['--import', tsx, SCRIPT, '--profile-arn', profile.arn, '--role-arn', ROLE, ...args], {
      env: {
        PATH: process.env.PATH, AWS_ACCESS_KEY_ID: 'OWN', AWS_SECRET_ACCESS_KEY: 'secret', AWS_MAX_ATTEMPTS: '1', ...account.environment, ...env,
      },
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => { printed += chunk; });
    const exitCode = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    return { exitCode, text: printed.replaceAll(/\s+/g, ' '), lines: printed.split('\n'), account };
  } finally {
    await account.stop();
  }
}

const calls = ({ account }: Run): number => account.received.filter(({ operation }) => operation === 'Converse').length;

describe.each([['geographic', overGeo, GEO], ['global', overWorld, WORLD]])('a profile that wraps a %s one', (_, profile, wrapped) => {
  const id = wrapped.arn.split('/')[1];

  test('needs nothing where the key names the application profile', async () => {
    const run = await probe(profile, { keyOf: KEYS['the application profile'] });
    expect(run.exitCode).toBe(0);
    expect(run.text).toContain(`${profile.arn} wraps ${id}.`);
    expect(run.text).toContain('A: the application profile: allowed B: the system-defined profile: refused');
    expect(run.text).toContain('names the application profile in this account. Set nothing');
    expect(calls(run)).toBe(2);
  });

  test('needs two properties where the key names the system-defined profile', async () => {
    const run = await probe(profile, { keyOf: KEYS['the system-defined profile'] });
    expect(run.exitCode).toBe(0);
    expect(run.text).toContain('A: the application profile: refused B: the system-defined profile: allowed');
    expect(run.text).toContain('names the system-defined profile in this account');
    expect(run.lines).toContain(`  InvocationTarget.systemProfile('${id}')`);
    expect(run.lines).toContain('  require: AttributionRequirement.BOTH,');
    expect(run.lines).toContain(`    'arn:aws:bedrock:*:111122223333:inference-profile/${id}',`);
  });

  test('cannot be required where the key is absent', async () => {
    const run = await probe(profile, { keyOf: KEYS.nothing });
    expect(run.exitCode).toBe(0);
    expect(run.text).toContain('A: the application profile: refused B: the system-defined profile: refused');
    expect(run.text).toContain('names neither profile in this account: it is absent, or holds something else');
    expect(run.text).toContain('AttributionRequirement.PRINCIPAL_TAG');
    expect(run.text).toContain('InvocationTarget.anyModel()');
  });
});

test('nothing has to be set where both calls are allowed, because models are not asked about', async () => {
  const run = await probe(overGeo, { authorizesModels: false });
  expect(run.exitCode).toBe(0);
  expect(run.text).toContain('satisfies both conditions in this account. Set nothing');
});

describe('what is printed about the system-defined profile is what callers need', () => {
  const authorizations = [
    { action: 'bedrock:InvokeModel', resource: overGeo.arn },
    { action: 'bedrock:InvokeModel', resource: GEO.arn },
    ...GEO.models.map(resource => ({ action: 'bedrock:InvokeModel', resource, context: { 'bedrock:InferenceProfileArn': GEO.arn } })),
  ];

  test.each([['without', false], ['with', true]])('a role %s the target that is printed', async (_, allowed) => {
    const { lines } = await probe(overGeo, { keyOf: KEYS['the system-defined profile'] });
    const [, id = ''] = /InvocationTarget\.systemProfile\('(.+)'\)/.exec(lines.join('\n')) ?? [];
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    const profile = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Profile', {
      inferenceProfileArn: overGeo.arn, modelSource: ModelSource.systemProfile(id),
    });
    new BedrockServiceRole(stack, 'Role', {
      schema: AttributionSchema.starter(),
      attribution: { team: 'payments', service: 'checkout', env: 'prod' },
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      targets: [InvocationTarget.profile(profile), ...allowed ? [InvocationTarget.systemProfile(id)] : []],
    });
    const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(isAllowed(role.Properties.Policies[0].PolicyDocument.Statement as Statement[], authorizations)).toBe(allowed);
  });

  test.each([['without', false], ['with', true]])('a policy %s the ARNs that are printed', async (_, allowed) => {
    const { lines } = await probe(overGeo, { keyOf: KEYS['the system-defined profile'] });
    const inferenceProfileArns = lines.flatMap(line => /^ {4}'(.+)',$/.exec(line)?.[1] ?? []);
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    new AttributedInvocationPolicy(stack, 'Policy', {
      schema: AttributionSchema.starter(), require: AttributionRequirement.BOTH, ...allowed ? { inferenceProfileArns } : {},
    });
    const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
    const tags = Object.fromEntries(['team', 'service', 'env'].flatMap(key => [[`aws:PrincipalTag/${key}`, key], [`aws:ResourceTag/${key}`, key]]));
    expect(isAllowed([{ Effect: 'Allow', Action: '*', Resource: '*' }, ...statements], authorizations.map(authorization => (
      { ...authorization, context: { ...tags, ...'context' in authorization ? authorization.context : {} } }
    )))).toBe(allowed);
  });
});

describe('nothing is concluded', () => {
  const refused: Failure = { name: 'AccessDeniedException', message: "You don't have access to the model with the specified model ID.", status: 403 };
  const marketplace = 'Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:Subscribe)';

  test.each<[string, Failure]>([
    ['throttled', { name: 'ThrottlingException', message: 'Too many requests, please wait before trying again.', status: 429 }],
    ['refused as invalid', { name: 'ValidationException', message: 'This action does not support the model.', status: 400 }],
    ['refused for want of model access', refused],
    ['refused for want of a subscription', { ...refused, message: marketplace }],
    ['not recognized', { name: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.', status: 403 }],
    ['refused on the profile', { ...refused, message: `User: x is not authorized to perform: bedrock:InvokeModel on resource: ${GEO.arn} because no session policy allows the bedrock:InvokeModel action` }],
    ['refused by a guardrail', { ...refused, message: `User: x is not authorized to perform: bedrock:InvokeModel on resource: ${model('')} with an explicit deny in a service control policy` }],
  ])('when a call is %s', async (_, failure) => {
    const run = await probe(overGeo, { failures: { Converse: failure } });
    expect(run.exitCode).toBe(1);
    expect(run.text).toContain('Could not conclude: a call failed for another reason than the condition');
    expect(run.text).toContain(`${failure.name}: ${failure.message}`);
    expect(run.text).not.toMatch(/names|Set nothing/);
    expect(calls(run)).toBe(1);
  });

  test.each(['AssumeRole', 'GetInferenceProfile', 'ListInferenceProfiles'] as const)('when %s is refused, and no model is called', async operation => {
    const run = await probe(overGeo, { failures: { [operation]: { name: 'ExpiredTokenException', message: 'The security token is expired', status: 403 } } });
    expect(run.exitCode).toBe(1);
    expect(run.text).toMatch(/Could not conclude: .* could not be .*: ExpiredToken\w*: The security token is expired/);
    expect(calls(run)).toBe(0);
  });

  test('when the role itself may not run the model', async () => {
    const rolePolicy = [{ Effect: 'Allow', Action: 'bedrock:*', Resource: [overGeo.arn, GEO.arn] }];
    const run = await probe(overGeo, { rolePolicy });
    expect(run.exitCode).toBe(1);
    expect(run.text).toContain('because no identity-based policy allows');
  });

  test('when both calls are refused and AWS does not say by which policy', async () => {
    const run = await probe(overGeo, { keyOf: KEYS.nothing, because: () => '' });
    expect(run.exitCode).toBe(1);
    expect(run.text).toContain('the role itself may lack permission. Give it bedrock:InvokeModel');
  });

  test('when two system-defined profiles have the models of the profile', async () => {
    const twin = system(`apac.${MODEL}`, GEO.models);
    const run = await probe(overGeo, { profiles: [overGeo, GEO, twin] });
    expect(run.exitCode).toBe(1);
    expect(run.text).toContain(`eu.${MODEL} and apac.${MODEL} have the models of the profile: say what it wraps with --system-profile`);
    expect(calls(run)).toBe(0);
  });

  test('when no system-defined profile has the models of the profile', async () => {
    const run = await probe(overGeo, { profiles: [overGeo, WORLD] });
    expect(run.exitCode).toBe(1);
    expect(run.text).toContain('no system-defined profile has the models of the profile');
  });
});

describe('one refused call is enough', () => {
  test('where AWS does not say which policy refuses it, for the other one is allowed', async () => {
    const run = await probe(overGeo, { because: () => '' });
    expect([run.exitCode, run.text]).toEqual([0, expect.stringContaining('names the application profile in this account')]);
  });

  test('for a role that has the grant of the constructs only', async () => {
    const condition = { ArnLike: { 'bedrock:InferenceProfileArn': overGeo.arn } };
    const rolePolicy = [
      { Effect: 'Allow', Action: 'bedrock:*', Resource: [overGeo.arn, GEO.arn] },
      { Effect: 'Allow', Action: 'bedrock:*', Resource: GEO.models, Condition: condition },
    ];
    const run = await probe(overGeo, { rolePolicy });
    expect([run.exitCode, run.text]).toEqual([0, expect.stringContaining('names the application profile in this account')]);
  });
});

describe('arguments', () => {
  test('a profile that wraps a foundation model is refused, and why is said', async () => {
    const run = await probe(application([model('eu-west-1')]));
    expect(run.exitCode).toBe(2);
    expect(run.text).toContain(`wraps a foundation model, ${model('eu-west-1')}, and no system-defined profile`);
    expect(calls(run)).toBe(0);
  });

  test('a profile that AWS does not take for an application profile is refused', async () => {
    const run = await probe({ ...overGeo, type: 'SYSTEM_DEFINED' });
    expect([run.exitCode, run.text]).toEqual([2, expect.stringContaining('is no application profile: AWS says SYSTEM_DEFINED')]);
  });

  test('what a profile wraps can be said, which saves looking for it', async () => {
    const run = await probe(application([model('eu-west-1')], GEO), { keyOf: KEYS['the system-defined profile'], args: ['--system-profile', `eu.${MODEL}`] });
    expect([run.exitCode, run.text]).toEqual([0, expect.stringContaining('names the system-defined profile in this account')]);
    expect(run.account.received.map(({ operation }) => operation)).toEqual(['GetInferenceProfile', 'AssumeRole', 'Converse', 'AssumeRole', 'Converse']);
  });

  test.each([
    ['a system-defined profile', ['--profile-arn', GEO.arn], /Use arn:<partition>:bedrock:<region>:<account>:application-inference-profile\/<id>/],
    ['a user in place of a role', ['--role-arn', 'arn:aws:iam::111122223333:user/jane'], /Use arn:<partition>:iam::<account>:role\/<name>/],
    ['a role of another account', ['--role-arn', 'arn:aws:iam::444455556666:role/probe'], /the role is in account 444455556666 and the profile in 111122223333/],
    ['an ARN in place of an id', ['--system-profile', GEO.arn], /Use an id like eu\.amazon\.nova-lite-v1:0/],
    ['an option that there is none of', ['--model', MODEL], /unknown option '--model'/],
  ])('%s is refused before anything is asked of AWS', async (_, args, message) => {
    const run = await probe(overGeo, { args });
    expect([run.exitCode, run.text]).toEqual([2, expect.stringMatching(message)]);
    expect(run.account.received).toEqual([]);
  });

  test('the help tells the cost, what is changed and the exit codes', async () => {
    const run = await probe(overGeo, { args: ['--help'] });
    expect([run.exitCode, run.text]).toEqual([0, expect.stringMatching(/two calls of one output token.*changes nothing.*Exit codes: 0 concluded, 1 could not/)]);
    expect(run.lines.filter(line => line.length > 100)).toEqual([]);
  });
});

test('calls are made by the Region of the profile, unless another one is given', async () => {
  const regionsOf = ({ account }: Run): string[] => [...new Set(account.received.map(({ authorization }) => authorization.split('/')[2]))];
  expect(regionsOf(await probe(overGeo))).toEqual(['eu-west-1']);
  expect(regionsOf(await probe(overGeo, { args: ['--region', 'eu-north-1'] }))).toEqual(['eu-north-1']);
});

test('an API key in the environment does not take the place of the session', async () => {
  const run = await probe(overGeo, { env: { AWS_BEARER_TOKEN_BEDROCK: 'bedrock-api-key-x' } });
  expect([run.exitCode, run.text]).toEqual([0, expect.stringContaining('names the application profile in this account')]);
  expect(run.account.received.filter(({ authorization }) => !authorization.startsWith('AWS4-HMAC-SHA256'))).toEqual([]);
});

test('session policies fit into the 2,048 characters that the token service takes, and each call asks for one token', async () => {
  const { account } = await probe(overGeo);
  const policies = account.received.filter(({ operation }) => operation === 'AssumeRole').map(({ body }) => new URLSearchParams(body).get('Policy') ?? '');
  expect(policies).toHaveLength(2);
  expect(Math.max(...policies.map(({ length }) => length))).toBeLessThanOrEqual(2048);
  const bodies = account.received.filter(({ operation }) => operation === 'Converse').map(({ body }) => JSON.parse(body) as object);
  expect(bodies).toMatchObject([{ inferenceConfig: { maxTokens: 1 } }, { inferenceConfig: { maxTokens: 1 } }]);
});

test.each(['the application profile', 'the system-defined profile', 'nothing'] as const)('no line that could be broken is longer than 100 columns when the key is %s', async key => {
  const { lines } = await probe(overGeo, { keyOf: KEYS[key] });
  expect(lines.filter(line => line.length > 100 && line.trim().includes(' '))).toEqual([]);
});
