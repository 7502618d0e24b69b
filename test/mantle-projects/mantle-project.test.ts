import { App, Aws, CfnParameter, Lazy, NestedStack, RemovalPolicy, Stack, Tags, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as bedrockmantle from 'aws-cdk-lib/aws-bedrockmantle';
import { MantleProject, type MantleProjectProps } from '../../lib/mantle-projects';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';

const TYPE = 'AWS::BedrockMantle::Project';
const PARAMETER = 'AWS::SSM::Parameter';
const schema = AttributionSchema.starter({ envs: ['dev', 'prod'] });
const attribution = { team: 'payments', service: 'checkout', env: 'prod' };
const env = { account: '111122223333', region: 'eu-west-1' };

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env });
}

function make(stack: Stack, props: Partial<MantleProjectProps> = {}): MantleProject {
  return new MantleProject(stack, 'Project', { schema, attribution, ...props });
}

function synthesize(props?: Partial<MantleProjectProps>): { Properties: Record<string, unknown>; [attribute: string]: unknown } {
  const stack = makeStack();
  make(stack, props);
  const [resource] = Object.values(Template.fromStack(stack).findResources(TYPE));
  return resource as ReturnType<typeof synthesize>;
}

function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

describe('attribution', () => {
  test('becomes tags of the project, spelled as the schema spells resource tags', () => {
    const spelled = new AttributionSchema({
      version: 1,
      keys: [
        AttributionKey.of('cost_center', { description: 'Who pays.', required: true, spellings: { resourceTag: 'CostCenter', principalTag: 'cc' } }),
        AttributionKey.of('team', { description: 'Who answers.' }),
      ],
    });
    expect(synthesize({ schema: spelled, attribution: { cost_center: '4711', team: 'payments' } }).Properties.Tags)
      .toEqual([{ Key: 'CostCenter', Value: '4711' }, { Key: 'team', Value: 'payments' }]);
  });

  test('is neither changed nor removed by tags of the whole stack, which stand beside it', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('team', 'platform');
    Tags.of(stack).add('owner', 'jane');
    Tags.of(stack).remove('env');
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Tags: [
        { Key: 'env', Value: 'prod' }, { Key: 'owner', Value: 'jane' }, { Key: 'service', Value: 'checkout' }, { Key: 'team', Value: 'payments' },
      ],
    });
  });

  test('fails when the stack adds the same tag in another case, which would split the bill', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('Team', 'payments');
    expect(() => Template.fromStack(stack)).toThrow(/resourceTag\.Team/);
  });

  test('fails once with all that is missing and illegal, the name of the project included', () => {
    const message = failure(() => synthesize({
      attribution: { service: 'check|out', env: 'qa', tema: 'payments', request_id: '1' }, projectName: '', parameterName: 'no path',
    }));
    expect(message).toMatch(/the mantle project has 7 problems/);
    expect(message).toMatch(/"tema", which the schema does not know: use team, service, env, feature/);
    expect(message).toMatch(/"request_id", which does not ride on resourceTag/);
    expect(message).toMatch(/resourceTag\.team/);
    expect(message).toMatch(/"qa"/);
    expect(message).toMatch(/check\|out/);
    expect(message).toMatch(/projectName/);
    expect(message).toMatch(/parameterName is "no path"/);
  });

  test('values that are not known at synthesis pass', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Env');
    make(stack, { attribution: { team: Lazy.string({ produce: () => 'payments' }), service: 'checkout', env: parameter.valueAsString }, publishParameter: false });
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: Match.arrayWith([{ Key: 'env', Value: { Ref: 'Env' } }, { Key: 'team', Value: 'payments' }]) });
  });
});

describe('the name', () => {
  test('is legal by both accounts that AWS gives, however deep the construct lies and however long the Region', () => {
    const stack = new Stack(new App(), 'A-very-long-name-of-a-stack-for-a-very-small-project-in-it', { env: { ...env, region: 'us-isof-south-1' } });
    make(stack);
    Template.fromStack(stack).hasResourceProperties(TYPE, { Name: Match.stringLikeRegexp('^(?=.{1,64}$)([0-9a-zA-Z][ _-]?)+$') });
  });

  test('differs by Region, because it may have to be unique in the account', () => {
    const names = ['eu-west-1', 'us-east-1'].map(region => {
      const stack = new Stack(new App(), 'Stack', { env: { ...env, region } });
      make(stack);
      return Object.values(Template.fromStack(stack).findResources(TYPE))[0].Properties.Name as string;
    });
    expect(names[0]).not.toBe(names[1]);
  });

  test('names the Region at deployment where it is not known before', () => {
    const stack = new Stack(new App(), 'Stack');
    make(stack);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain('-",{"Ref":"AWS::Region"}]]}');
  });

  test('does not change with attribution, because that might replace the project', () => {
    const other = synthesize({ attribution: { ...attribution, team: 'other' } });
    expect(other.Properties.Name).toBe(synthesize().Properties.Name);
  });

  test.each(['a', 'x'.repeat(128), 'My Project_1-a'])('%j is accepted', projectName => {
    expect(synthesize({ projectName }).Properties.Name).toBe(projectName);
  });

  test.each(['', 'x'.repeat(129), 'a\nb'])('fails with the name %j', projectName => {
    expect(() => synthesize({ projectName })).toThrow(/projectName/);
  });

  test('a token passes', () => {
    expect(synthesize({ projectName: Lazy.string({ produce: () => 'later' }) }).Properties.Name).toBe('later');
  });
});

describe('removal', () => {
  test('leaves the project where it is, unless it was made by a creation that failed', () => {
    expect(synthesize()).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('takes the project along when it is asked to', () => {
    expect(synthesize({ removalPolicy: RemovalPolicy.DESTROY })).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });
});

describe('the parameter', () => {
  test('has a name that can be computed, and tells ARN and id', () => {
    const stack = makeStack();
    const project = make(stack, { attribution: { env: 'prod', service: 'check out', team: 'payments' } });
    const logicalId = stack.getLogicalId(project.node.defaultChild as bedrockmantle.CfnProject);
    expect(project.parameterName).toBe('/bedrock-cost-attribution/projects/payments/check_20out/prod');
    expect(project.parameter?.parameterRef.parameterName).toBeDefined();
    Template.fromStack(stack).hasResourceProperties(PARAMETER, {
      Type: 'String',
      Name: project.parameterName,
      Value: { 'Fn::Join': ['', [
        '{"projectArn":"', { 'Fn::GetAtt': [logicalId, 'Arn'] }, '","projectId":"', { 'Fn::GetAtt': [logicalId, 'Id'] }, '"}',
      ]] },
    });
  });

  test('can have another name', () => {
    const stack = makeStack();
    make(stack, { parameterName: '/ours/checkout' });
    Template.fromStack(stack).hasResourceProperties(PARAMETER, { Name: '/ours/checkout' });
  });

  test('is left out when it is not wanted', () => {
    const stack = makeStack();
    const project = make(stack, { publishParameter: false });
    expect([project.parameter, project.parameterName]).toEqual([undefined, undefined]);
    Template.fromStack(stack).resourceCountIs(PARAMETER, 0);
  });

  test('fails when its name is computed from what is not known at synthesis', () => {
    expect(() => synthesize({ attribution: { ...attribution, team: Aws.STACK_NAME } })).toThrow(/attribution\.team is not known at synthesis: give parameterName/);
  });

  test('fails when another project of the stack has the name', () => {
    const stack = makeStack();
    make(stack);
    expect(() => new MantleProject(stack, 'Twin', { schema, attribution })).toThrow(/which Stack\/Project has already/);
  });
});

describe('an imported project', () => {
  const projectArn = 'arn:aws:bedrock-mantle:us-east-1:444455556666:project/proj_abc123';

  test('passes its ARN through and lies in the account and Region of it', () => {
    const imported = MantleProject.fromProjectArn(makeStack(), 'Import', projectArn);
    expect(imported.projectArn).toBe(projectArn);
    expect(imported.projectId).toBe('proj_abc123');
    expect(imported.projectRef).toEqual({ projectArn });
    expect(imported.env).toEqual({ account: '444455556666', region: 'us-east-1' });
  });

  test('may have an ARN that is not known at synthesis', () => {
    const stack = makeStack();
    const arn = new CfnParameter(stack, 'Arn').valueAsString;
    const imported = MantleProject.fromProjectArn(stack, 'Import', arn);
    expect(imported.projectArn).toBe(arn);
    expect(Token.isUnresolved(imported.projectId)).toBe(true);
  });

  test.each([
    ['the default project of the mantle endpoint', 'arn:aws:bedrock-mantle:us-east-1:444455556666:project/default'],
    ['the default project of the runtime endpoint', 'arn:aws:bedrock:us-east-1:444455556666:project/default'],
    ['a default project in an account that is not known yet', `arn:${Aws.PARTITION}:bedrock-mantle:${Aws.REGION}:${Aws.ACCOUNT_ID}:project/default`],
  ])('fails for %s', (_, arn) => {
    expect(() => MantleProject.fromProjectArn(makeStack(), 'Import', arn)).toThrow(/the default project, which cannot be tagged, so that nothing can be attributed to it/);
  });

  test.each([
    'proj_abc123', 'arn:aws:bedrock:us-east-1:444455556666:project/proj_abc123', 'arn:aws:bedrock-mantle:us-east-1:444455556666:reservation/proj_a',
    'arn:aws:bedrock-mantle:us-east-1:444455556666:project/wrkspc_1', 'arn:aws:bedrock-mantle:us-east-1:444455556666:project/*',
  ])('fails with %j in place of the ARN', arn => {
    expect(() => MantleProject.fromProjectArn(makeStack(), 'Import', arn)).toThrow(/use the ARN of a project, such as arn:<partition>:bedrock-mantle/);
  });
});

describe('many projects', () => {
  const inPlace = (app: App, place: Partial<typeof env>): Stack[] => [1, 2].map(number => new Stack(app, `Stack${number}`, { env: place }));
  const nested = (app: App): Stack[] => {
    const parent = new Stack(app, 'Parent');
    return [1, 2].map(number => new NestedStack(parent, `Nested${number}`));
  };

  test.each([
    ['1,000 in one account and Region', (app: App) => inPlace(app, env), 500, []],
    ['1,002 in one account and Region', (app: App) => inPlace(app, env), 501, ['account 111122223333 and Region eu-west-1']],
    ['1,002 in stacks that may go anywhere', (app: App) => inPlace(app, {}), 501, []],
    ['1,002 in stacks that are nested in one', nested, 501, ['the stack Parent']],
  ])('%s are warned of as often as they should be', (_, makeStacks, perStack, places) => {
    const stacks = makeStacks(new App());
    const projects = stacks.flatMap(stack => Array.from({ length: perStack }, (__, index) => (
      new MantleProject(stack, `Project${index}`, { schema, attribution, publishParameter: false })
    )));
    const warnings = projects.flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => data as string));
    expect(warnings).toEqual(places.map(place => (
      `this is project 1001 in ${place}, but AWS allows 1000 per account: share projects, or spread them over accounts [ack: bedrock-cost-attribution:tooManyProjects]`
    )));
  });
});

test('a project is nag-clean', () => {
  expect(nagFindings(stack => make(stack))).toEqual([]);
});
