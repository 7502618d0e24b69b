import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Aws, CfnParameter, Fn, Lazy, NestedStack, Stack, Tags, Token, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ApplicationInferenceProfile, ModelSource, type ApplicationInferenceProfileProps } from '../../lib/inference-profiles';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';

const prefixFile = path.join(__dirname, '../../lib/price-book/data/route-prefixes.json');
const { entries: routePrefixes } = JSON.parse(fs.readFileSync(prefixFile, 'utf8')) as { entries: { prefix: string }[] };
const TYPE = 'AWS::Bedrock::ApplicationInferenceProfile';
const schema = AttributionSchema.starter({ envs: ['dev', 'prod'] });
const attribution = { team: 'payments', service: 'checkout', env: 'prod' };
const modelSource = ModelSource.foundationModel('amazon.nova-lite-v1:0');

function makeStack(props: StackProps = { env: { account: '111122223333', region: 'eu-west-1' } }): Stack {
  return new Stack(new App(), 'Stack', props);
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

  test('changes with a system-defined profile that has another geography', () => {
    const [eu, global] = ['eu', 'global'].map(geography => nameOf({ modelSource: ModelSource.systemProfile(`${geography}.amazon.nova-lite-v1:0`) }));
    expect(eu).not.toBe(global);
  });

  test.each<[string, Partial<ApplicationInferenceProfileProps>]>([
    ['tags', { attribution: { team: 'other', service: 'other', env: 'dev', feature: 'other' } }],
    ['spelling of the tags', { schema: AttributionSchema.fromJson(schema.toJson().replace('"team",', '"team", "spellings": { "resourceTag": "Team" },')) }],
    ['parameter', { parameterName: '/other' }],
    ['publishing', { publishParameter: false }],
  ])('stays the same when only the %s changes, which replaces nothing', (_, props) => {
    expect(nameOf(props)).toBe(nameOf());
  });

  test('stays the same when the model behind the same source is told, which replaces nothing', () => {
    const [guessed, told] = [undefined, 'amazon.other-v1:0'].map(modelId => nameOf({ modelSource: ModelSource.systemProfile('eu.amazon.nova-lite-v1:0', modelId) }));
    expect(told).toBe(guessed);
  });

  test('does not depend on whether the stack knows its account and Region, and holds no placeholder of them', () => {
    const agnostic = makeStack({});
    make(agnostic, { modelSource: ModelSource.systemProfile('eu.amazon.nova-lite-v1:0') });
    Template.fromStack(agnostic).hasResourceProperties(TYPE, {
      InferenceProfileName: nameOf({ modelSource: ModelSource.systemProfile('eu.amazon.nova-lite-v1:0') }),
    });
  });

  const nameWith = (description: (stack: Stack) => string): string => {
    const stack = makeStack();
    make(stack, { description: description(stack) });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(TYPE));
    return (Properties as Record<string, string>).InferenceProfileName;
  };

  test('changes with the expression of a setting that is known at deployment only', () => {
    const [one, same, other] = ['A', 'A', 'B'].map(name => nameWith(() => Fn.importValue(name)));
    expect(one).toMatch(/^Stack-Profile-[0-9A-F]{8}-[0-9a-f]{8}$/);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test('is the same for a setting that becomes known later in synthesis', () => {
    expect(nameWith(() => Lazy.string({ produce: () => 'Answers' }))).toBe(nameOf({ description: 'Answers' }));
  });

  test('tells apart what lies at different places, in different stacks and in stacks nested in them', () => {
    const app = new App();
    const stacks = ['One', 'Two'].flatMap(id => {
      const stack = new Stack(app, id);
      const nested = new NestedStack(stack, 'Nested');
      for (const [scope, profileId] of [[stack, 'a-b'], [stack, 'ab'], [nested, 'ab']] as const) {
        new ApplicationInferenceProfile(scope, profileId, { schema, attribution, modelSource, publishParameter: false });
      }
      return [stack, nested];
    });
    const names = stacks.flatMap(stack => Object.values(Template.fromStack(stack).findResources(TYPE))
      .map(({ Properties }) => Properties.InferenceProfileName as string));
    expect(new Set(names).size).toBe(6);
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

  test('that was given stays when the source changes, so that it is the user who has to change it', () => {
    const inferenceProfileName = 'checkout';
    expect(nameOf({ inferenceProfileName, modelSource: ModelSource.foundationModel('amazon.nova-pro-v1:0') })).toBe(nameOf({ inferenceProfileName }));
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

describe('the parameter', () => {
  const PARAMETER = 'AWS::SSM::Parameter';
  const NAME = '/bedrock-cost-attribution/inference-profiles/payments/checkout/prod/amazon.nova-lite-v1_3a0';
  const parameterOf = (stack: Stack): Record<string, unknown> => {
    const [resource] = Object.values(Template.fromStack(stack).findResources(PARAMETER));
    return resource.Properties as Record<string, unknown>;
  };

  test('has a name made of the required values in the order of the schema and the source', () => {
    const stack = makeStack();
    const profile = make(stack, { attribution: { feature: 'x', env: 'prod', service: 'checkout', team: 'payments' } });
    expect(profile.parameterName).toBe(NAME);
    expect(parameterOf(stack)).toMatchObject({ Type: 'String', Name: NAME });
  });

  test('has a name by the values even where the tags are spelled otherwise', () => {
    const spelled = new AttributionSchema({
      version: 1,
      keys: [AttributionKey.of('cost_center', { description: 'Who pays.', required: true, spellings: { resourceTag: 'CostCenter' } })],
    });
    expect(make(makeStack(), { schema: spelled, attribution: { cost_center: 'a_b/c' } }).parameterName)
      .toBe('/bedrock-cost-attribution/inference-profiles/a_5fb_2fc/amazon.nova-lite-v1_3a0');
  });

  test.each([
    [modelSource, 'amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0'],
    [ModelSource.systemProfile('eu.amazon.nova-lite-v1:0'), 'eu.amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0'],
  ])('holds ARN, source and model as compact JSON: %#', (source, sourceId, modelId) => {
    const stack = makeStack();
    make(stack, { modelSource: source });
    const [separator, parts] = (parameterOf(stack).Value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    const text = parts.map(part => typeof part === 'string' ? part : 'the-arn').join(separator);
    expect(text).toBe(`{"inferenceProfileArn":"the-arn","sourceId":"${sourceId}","modelId":"${modelId}"}`);
    expect(parts[1]).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Profile/), 'InferenceProfileArn'] });
  });

  test('holds ids that are known at deployment only', () => {
    const stack = makeStack();
    make(stack, { modelSource: ModelSource.systemProfile(new CfnParameter(stack, 'Id').valueAsString), parameterName: '/mine' });
    expect(JSON.stringify(parameterOf(stack).Value)).toContain('\\"sourceId\\":\\"",{"Ref":"Id"},"\\",\\"modelId\\":\\"*\\"}');
  });

  test('takes the name that was given', () => {
    const stack = makeStack();
    expect(make(stack, { parameterName: '/mine' }).parameterName).toBe('/mine');
    expect(parameterOf(stack).Name).toBe('/mine');
  });

  test('takes a name that is not known at synthesis', () => {
    const stack = makeStack();
    make(stack, { parameterName: `/${Aws.STACK_NAME}/profile` });
    expect(parameterOf(stack).Name).toEqual({ 'Fn::Join': ['', ['/', { Ref: 'AWS::StackName' }, '/profile']] });
  });

  test('can be reached by other constructs', () => {
    const stack = makeStack();
    expect(stack.resolve(make(stack).parameter?.parameterRef.parameterName)).toEqual({ Ref: expect.stringMatching(/^ProfileParameter/) });
  });

  test('is not made when publishParameter is false', () => {
    const stack = makeStack();
    const profile = make(stack, { publishParameter: false });
    expect([profile.parameterName, profile.parameter]).toEqual([undefined, undefined]);
    Template.fromStack(stack).resourceCountIs(PARAMETER, 0);
  });

  test.each([undefined, true])('is made when publishParameter is %s', publishParameter => {
    const stack = makeStack();
    make(stack, { publishParameter });
    Template.fromStack(stack).resourceCountIs(PARAMETER, 1);
  });

  test('fails without a name when values or source are not known at synthesis', () => {
    const later = Lazy.string({ produce: () => 'later' });
    expect(() => synthesize({ attribution: { ...attribution, team: later }, modelSource: ModelSource.foundationModel(later) }))
      .toThrow(/because attribution\.team, modelSource are not known at synthesis: give parameterName, or set publishParameter to false/);
  });

  test('fails with an illegal name', () => {
    expect(() => synthesize({ parameterName: 'mine' })).toThrow(/the application inference profile has 1 problem:\n {2}- parameterName is "mine"/);
  });

  test('fails with a name while publishParameter is false', () => {
    expect(() => synthesize({ parameterName: '/mine', publishParameter: false })).toThrow(/leave out one of the two/);
  });

  test('fails when another profile of the stack, or of one nested in it, has the name already', () => {
    const stack = makeStack();
    make(stack);
    expect(() => new ApplicationInferenceProfile(new NestedStack(stack, 'Nested'), 'Other', { schema, modelSource, attribution: { ...attribution, feature: 'x' } }))
      .toThrow(/parameterName is "\/bedrock[^"]*", which Stack\/Profile has already: give one of the two another parameterName, or set its publishParameter to false/);
  });

  test('may have the name that a profile of another stack has, which may lie elsewhere', () => {
    const app = new App();
    for (const id of ['One', 'Two']) make(new Stack(app, id));
    expect(() => app.synth()).not.toThrow();
  });
});

test.each([
  ['published', {}],
  ['with a description', { description: 'Answers' }],
  ['not published', { publishParameter: false }],
])('a profile that is %s is clean for cdk-nag', (_, props) => {
  expect(nagFindings(stack => make(stack, props))).toEqual([]);
});
