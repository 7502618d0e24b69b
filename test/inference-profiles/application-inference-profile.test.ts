import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Aws, CfnParameter, Lazy, Stack, Tags, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ApplicationInferenceProfile, ModelSource, type ApplicationInferenceProfileProps } from '../../lib/inference-profiles';
import { AttributionKey, AttributionSchema } from '../../lib/schema';

const prefixFile = path.join(__dirname, '../../lib/price-book/data/route-prefixes.json');
const { entries: routePrefixes } = JSON.parse(fs.readFileSync(prefixFile, 'utf8')) as { entries: { prefix: string }[] };
const TYPE = 'AWS::Bedrock::ApplicationInferenceProfile';
const schema = AttributionSchema.starter({ envs: ['dev', 'prod'] });
const attribution = { team: 'payments', service: 'checkout', env: 'prod' };
const modelSource = ModelSource.foundationModel('amazon.nova-lite-v1:0');

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
}

function make(stack: Stack, props: Partial<ApplicationInferenceProfileProps> = {}): ApplicationInferenceProfile {
  return new ApplicationInferenceProfile(stack, 'Profile', { schema, attribution, modelSource, ...props });
}

function synthesize(props?: Partial<ApplicationInferenceProfileProps>): Record<string, unknown> {
  const stack = makeStack();
  make(stack, props);
  const [resource] = Object.values(Template.fromStack(stack).findResources(TYPE));
  return resource.Properties as Record<string, unknown>;
}

function nameOf(props?: Partial<ApplicationInferenceProfileProps>): string {
  return synthesize(props).InferenceProfileName as string;
}

describe('attribution', () => {
  test('becomes tags of the profile', () => {
    expect(synthesize().Tags).toEqual([
      { Key: 'env', Value: 'prod' }, { Key: 'service', Value: 'checkout' }, { Key: 'team', Value: 'payments' },
    ]);
  });

  test('is spelled as the schema spells resource tags', () => {
    const spelled = new AttributionSchema({
      version: 1,
      keys: [AttributionKey.of('cost_center', { description: 'Who pays.', required: true, spellings: { resourceTag: 'CostCenter', principalTag: 'cc' } })],
    });
    expect(synthesize({ schema: spelled, attribution: { cost_center: '4711' } }).Tags).toEqual([{ Key: 'CostCenter', Value: '4711' }]);
  });

  test('is not changed by a tag of the whole stack', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('team', 'platform');
    Tags.of(stack).add('owner', 'jane');
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Tags: Match.arrayWith([{ Key: 'owner', Value: 'jane' }, { Key: 'team', Value: 'payments' }]),
    });
  });

  test('is not removed by a removal from the whole stack', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).remove('team');
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: Match.arrayWith([{ Key: 'team', Value: 'payments' }]) });
  });

  test('fails when the stack adds the same tag in another case, which would split the bill', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('Team', 'payments');
    expect(() => Template.fromStack(stack)).toThrow(/resourceTag\.Team/);
  });

  test('fails once with all that is missing and illegal', () => {
    const bad = { service: 'check|out', env: 'qa', tema: 'payments', request_id: '1' };
    let message = '';
    try {
      synthesize({ attribution: bad });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/the application inference profile has 5 problems/);
    expect(message).toMatch(/"tema", which the schema does not know: use team, service, env, feature/);
    expect(message).toMatch(/"request_id", which does not ride on resourceTag/);
    expect(message).toMatch(/resourceTag\.team/);
    expect(message).toMatch(/"qa"/);
    expect(message).toMatch(/check\|out/);
  });

  test('tags of the whole stack that are not known at synthesis pass', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('stack', Aws.STACK_NAME);
    Tags.of(stack).add('feature', Aws.STACK_NAME);
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: Match.arrayWith([{ Key: 'stack', Value: { Ref: 'AWS::StackName' } }]) });
  });

  test('values that are not known at synthesis pass', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Env');
    make(stack, {
      attribution: { team: Lazy.string({ produce: () => 'payments' }), service: Token.asString({ Ref: 'Env' }), env: parameter.valueAsString },
      publishParameter: false,
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: Match.arrayWith([{ Key: 'env', Value: { Ref: 'Env' } }]) });
  });
});

describe('the source', () => {
  test('a foundation model is the one of the Region and of no account', () => {
    expect(JSON.stringify(synthesize().ModelSource)).toContain(':bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0');
  });

  test.each(['eu.amazon.nova-lite-v1:0', 'global.amazon.nova-lite-v1:0', 'us-gov.amazon.nova-lite-v1:0'])('%s is a profile of the own account', profileId => {
    const source = JSON.stringify(synthesize({ modelSource: ModelSource.systemProfile(profileId) }).ModelSource);
    expect(source).toContain(`:bedrock:eu-west-1:111122223333:inference-profile/${profileId}`);
  });

  test.each([
    ['eu.amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0'],
    ['global.deepseek.v3.2', 'deepseek.v3.2'],
  ])('the model behind %s is %s', (profileId, modelId) => {
    expect(ModelSource.systemProfile(profileId).modelId).toBe(modelId);
  });

  test('the model behind a profile can be given', () => {
    expect(ModelSource.systemProfile(Lazy.string({ produce: () => 'later' }), 'amazon.nova-lite-v1:0').modelId).toBe('amazon.nova-lite-v1:0');
  });

  test('fails with an ARN in place of an id', () => {
    const arn = 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0';
    expect(() => synthesize({ modelSource: ModelSource.foundationModel(arn) })).toThrow(/use the id of a model .*not an ARN/);
  });

  test('fails when a system-defined profile names no geography', () => {
    expect(() => synthesize({ modelSource: ModelSource.systemProfile('amazon.nova') })).toThrow(/names no geography.*foundationModel\(\)/);
  });

  test.each(routePrefixes.map(({ prefix }) => prefix))('fails when a foundation model begins with the geography %s', prefix => {
    expect(() => synthesize({ modelSource: ModelSource.foundationModel(`${prefix}amazon.nova-lite-v1:0`) })).toThrow(/use ModelSource\.systemProfile\(\)/);
  });

  test('an id that is not known at synthesis passes', () => {
    const stack = makeStack();
    make(stack, { modelSource: ModelSource.systemProfile(new CfnParameter(stack, 'Id').valueAsString), publishParameter: false });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe('the name', () => {
  test.each<[string, Partial<ApplicationInferenceProfileProps>]>([
    ['model', { modelSource: ModelSource.foundationModel('amazon.nova-pro-v1:0') }],
    ['kind of source', { modelSource: ModelSource.systemProfile('eu.amazon.nova-lite-v1:0') }],
    ['description', { description: 'Answers' }],
  ])('changes with the %s, because that replaces the profile while its name is taken', (_, props) => {
    expect(nameOf(props)).not.toBe(nameOf());
  });

  test('stays the same when only tags change', () => {
    expect(nameOf({ attribution: { ...attribution, team: 'other' } })).toBe(nameOf());
  });

  test('has at most 64 allowed characters, however deep the construct lies', () => {
    const stack = new Stack(new App(), 'A-very-long-name-of-a-stack-for-a-very-small-profile-in-it');
    make(stack);
    Template.fromStack(stack).hasResourceProperties(TYPE, { InferenceProfileName: Match.stringLikeRegexp('^(?=.{1,64}$)([0-9a-zA-Z][ _-]?)+$') });
  });

  test.each(['a', 'x'.repeat(64), 'My Profile_1-a'])('%j is accepted', inferenceProfileName => {
    expect(nameOf({ inferenceProfileName })).toBe(inferenceProfileName);
  });

  test.each(['', 'x'.repeat(65), 'a--b', '-a', 'ä'])('fails with the name %j', inferenceProfileName => {
    expect(() => synthesize({ inferenceProfileName })).toThrow(/profileName/);
  });

  test('a token passes', () => {
    expect(() => synthesize({ inferenceProfileName: Lazy.string({ produce: () => 'later' }) })).not.toThrow();
  });
});

describe('the description', () => {
  test.each(['a', 'x'.repeat(200), 'v1.0: answers'])('%j is accepted', description => {
    expect(synthesize({ description }).Description).toBe(description);
  });

  test.each([['', /0 characters: use 1 to 200/], ['x'.repeat(201), /201 characters/], ['two  spaces', /at most one space/]])('fails with %j', (description, message) => {
    expect(() => synthesize({ description })).toThrow(message);
  });

  test('a token passes', () => {
    expect(() => synthesize({ description: Lazy.string({ produce: () => 'later' }) })).not.toThrow();
  });
});

describe('an imported profile', () => {
  const inferenceProfileArn = 'arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/abc123def456';

  test('passes its ARN through and lies in the account and Region of it', () => {
    const imported = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(makeStack(), 'Import', { inferenceProfileArn, modelSource });
    expect(imported.inferenceProfileArn).toBe(inferenceProfileArn);
    expect(imported.inferenceProfileId).toBe('abc123def456');
    expect(imported.applicationInferenceProfileRef).toEqual({ inferenceProfileIdentifier: 'abc123def456' });
    expect(imported.env).toEqual({ account: '444455556666', region: 'us-east-1' });
  });

  test('may have an ARN that is not known at synthesis', () => {
    const stack = makeStack();
    const arn = new CfnParameter(stack, 'Arn').valueAsString;
    const imported = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Import', { inferenceProfileArn: arn, modelSource });
    expect(imported.inferenceProfileArn).toBe(arn);
    expect(Token.isUnresolved(imported.inferenceProfileId)).toBe(true);
  });
});
