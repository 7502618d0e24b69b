import { App, CfnOutput, CfnParameter, CfnResource, Lazy, NestedStack, Stack, Stage, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import { InferenceProfileFleet, ModelSource, type FleetService, type InferenceProfileFleetProps } from '../../lib/inference-profiles';
import { AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';

const PROFILE = 'AWS::Bedrock::ApplicationInferenceProfile';
const env = { account: '111122223333', region: 'eu-west-1' };
const schema = AttributionSchema.starter({ envs: ['dev', 'prod'] });
const lite = ModelSource.systemProfile('eu.amazon.nova-lite-v1:0');
const pro = ModelSource.systemProfile('eu.amazon.nova-pro-v1:0');
const attributionOf = (service: string): Record<string, string> => ({ team: 'payments', service, env: 'prod' });
const service = (name: string, props: Partial<FleetService> = {}): FleetService => ({ attribution: attributionOf(name), ...props });

function services(count: number, props?: Partial<FleetService>): Record<string, FleetService> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`service-${index}`, service(`service-${index}`, props)]));
}

function makeStack(props: StackProps = { env }): Stack {
  return new Stack(new App({ context: { '@aws-cdk/core:stackResourceLimit': 0 } }), 'Stack', props);
}

function appOf(stack: Stack): Stage {
  const app = Stage.of(stack);
  if (app === undefined) throw new Error('the stack is in no app');
  return app;
}

function makeFleet(stack: Stack, props: Partial<InferenceProfileFleetProps> = {}): InferenceProfileFleet {
  return new InferenceProfileFleet(stack, 'Fleet', { schema, services: services(2), models: { lite, pro }, ...props });
}

function nestedStacksOf(stack: Stack): NestedStack[] {
  return stack.node.findAll().filter(construct => NestedStack.isNestedStack(construct));
}

/** The path of every profile of a fleet below the stack. */
function paths(props: Partial<InferenceProfileFleetProps>): string[] {
  return makeFleet(makeStack(), props).profiles.map(({ node }) => node.path);
}

describe('a profile for each service and model', () => {
  test('is made with the attribution of the service and the source of the model', () => {
    const stack = makeStack();
    makeFleet(stack);
    const template = Template.fromStack(stack);
    template.resourceCountIs(PROFILE, 4);
    for (const [name, source] of [['service-0', 'lite'], ['service-0', 'pro'], ['service-1', 'lite'], ['service-1', 'pro']]) {
      const found = Object.values(template.findResources(PROFILE)).filter(({ Properties }) => (
        JSON.stringify(Properties.ModelSource).includes(`eu.amazon.nova-${source}-v1:0`)
        && JSON.stringify(Properties.Tags).includes(`{"Key":"service","Value":"${name}"}`)
      ));
      expect(found).toHaveLength(1);
    }
  });

  test('lies at the ids of service and model', () => {
    expect(paths({ services: { 'check-out': service('a'), 'B': service('b') }, models: { lite } })).toEqual([
      'Stack/Fleet/Services/B/lite', 'Stack/Fleet/Services/check-out/lite',
    ]);
  });

  test('is found by the ids of service and model', () => {
    const fleet = makeFleet(makeStack());
    expect(fleet.profile('service-1', 'pro').node.path).toBe('Stack/Fleet/Services/service-1/pro');
    expect(fleet.profile('service-1', 'pro').modelSource).toBe(pro);
    expect(fleet.profilesOf('service-1')).toEqual([fleet.profile('service-1', 'lite'), fleet.profile('service-1', 'pro')]);
    expect(fleet.profiles).toHaveLength(4);
  });

  test('fails to be found by a service that was not declared', () => {
    expect(() => makeFleet(makeStack()).profilesOf('checkout')).toThrow(/no service with the id "checkout": declare it, or use one of \["service-0","service-1"\]/);
    expect(() => makeFleet(makeStack()).profile('checkout', 'lite')).toThrow(/no service with the id "checkout"/);
  });

  test('fails to be found by a model that was not declared', () => {
    expect(() => makeFleet(makeStack()).profile('service-0', 'max')).toThrow(/no model of the service "service-0" with the id "max": .*\["lite","pro"\]/);
  });

  test('is published unless the service says otherwise', () => {
    const stack = makeStack();
    const fleet = makeFleet(stack, { services: { loud: service('loud'), quiet: service('quiet', { publishParameters: false }) }, models: { lite } });
    expect(fleet.profile('loud', 'lite').parameterName).toBe('/bedrock-cost-attribution/inference-profiles/payments/loud/prod/eu.amazon.nova-lite-v1_3a0');
    expect(fleet.profile('quiet', 'lite').parameterName).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::SSM::Parameter', 1);
  });

  test('grants its calls to the role of a service, from a nested stack too', () => {
    const stack = makeStack();
    const fleet = makeFleet(stack, { nestedStacks: 1 });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    for (const profile of fleet.profilesOf('service-0')) profile.grants.invoke(role).assertSuccess();
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
  });

  test('is clean for cdk-nag', () => {
    expect(nagFindings(stack => makeFleet(stack))).toEqual([]);
    expect(nagFindings(stack => makeFleet(stack, { nestedStacks: 2 }))).toEqual([]);
  });
});

describe('models of a service', () => {
  const ids = (models?: Record<string, ModelSource>, own?: Record<string, ModelSource>): string[] => (
    makeFleet(makeStack(), { models, services: { a: service('a', { models: own }) } }).profilesOf('a').map(({ node, modelSource }) => `${node.id}=${modelSource.sourceId}`)
  );

  test('stand beside those of the fleet', () => {
    expect(ids({ lite }, { pro })).toEqual(['lite=eu.amazon.nova-lite-v1:0', 'pro=eu.amazon.nova-pro-v1:0']);
  });

  test('take the place of a model of the fleet that has the same id', () => {
    expect(ids({ lite }, { lite: pro })).toEqual(['lite=eu.amazon.nova-pro-v1:0']);
  });

  test('do without models of the fleet', () => {
    expect(ids(undefined, { pro })).toEqual(['pro=eu.amazon.nova-pro-v1:0']);
  });
});

describe('order', () => {
  const shuffled = <T>(map: Record<string, T>): fc.Arbitrary<Record<string, T>> => (
    fc.shuffledSubarray(Object.entries(map), { minLength: Object.keys(map).length }).map(entries => Object.fromEntries(entries))
  );
  const manyServices = services(6, { models: { own: ModelSource.foundationModel('amazon.nova-micro-v1:0') } });

  function templates(props: Partial<InferenceProfileFleetProps>): string {
    const stack = makeStack();
    makeFleet(stack, props);
    return JSON.stringify([stack, ...nestedStacksOf(stack)].map(each => Template.fromStack(each).toJSON()));
  }

  test.each([undefined, 3])('of services and models makes no difference to the templates, with nestedStacks: %s', nestedStacks => {
    const reference = templates({ services: manyServices, models: { lite, pro }, nestedStacks });
    fc.assert(fc.property(shuffled(manyServices), shuffled({ lite, pro }), (some, models) => {
      expect(templates({ services: some, models, nestedStacks })).toBe(reference);
    }), { numRuns: 15 });
  });

  test('of attribution makes no difference', () => {
    const [one, other] = [{ team: 'a', service: 'b', env: 'dev' }, { env: 'dev', service: 'b', team: 'a' }]
      .map(attribution => templates({ services: { s: { attribution } } }));
    expect(one).toBe(other);
  });
});

describe('nested stacks', () => {
  test('take the services, each with all its models', () => {
    const fleet = makeFleet(makeStack(), { services: services(40), nestedStacks: 3 });
    const stacks = [...Array(40).keys()].map(index => new Set(fleet.profilesOf(`service-${index}`).map(profile => Stack.of(profile).node.path)));
    expect(stacks.every(({ size }) => size === 1)).toBe(true);
    expect(new Set(stacks.map(([path]) => path))).toEqual(new Set(['Stack/Fleet/Profiles1', 'Stack/Fleet/Profiles2', 'Stack/Fleet/Profiles3']));
  });

  test('are not moved between by services that come and go', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (names, nestedStacks) => {
      const all = Object.fromEntries(names.map(name => [name, service(name)]));
      const alone = paths({ services: { [names[0]]: all[names[0]] }, models: { lite }, nestedStacks });
      expect(paths({ services: all, models: { lite }, nestedStacks })).toEqual(expect.arrayContaining(alone));
    }), { numRuns: 40 });
  });

  test('are only made when a service goes there, because an empty one cannot be deployed', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(1), nestedStacks: 50 });
    expect(nestedStacksOf(stack)).toHaveLength(1);
  });

  test('are none without services', () => {
    const stack = makeStack();
    makeFleet(stack, { services: {}, nestedStacks: 3 });
    expect(Template.fromStack(stack).toJSON()).not.toHaveProperty('Resources');
  });

  test.each([1, 500])('may be %i', nestedStacks => {
    expect(() => makeFleet(makeStack(), { nestedStacks })).not.toThrow();
  });

  test.each([0, -1, 1.5, 501, NaN])('fail to be %d', nestedStacks => {
    expect(() => makeFleet(makeStack(), { nestedStacks })).toThrow(/nestedStacks is .*: use a whole number from 1 to 500/);
  });

  test('fail to be a number that is known at deployment only', () => {
    const stack = makeStack();
    const nestedStacks = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    expect(() => makeFleet(stack, { nestedStacks })).toThrow(/nestedStacks is not known at synthesis/);
  });
});

describe('the limit of 500 resources', () => {
  const template = (stack: Stack): Template => Template.fromStack(stack);

  test('holds 250 published profiles', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(250), models: { lite } });
    expect(() => template(stack)).not.toThrow();
  });

  test('fails with one more, and the number of nested stacks that the error names is enough', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(251), models: { lite } });
    let message = '';
    try {
      template(stack);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/the template of Stack has 502 resources, but CloudFormation takes 500: set nestedStacks: \d+/);
    const split = makeStack();
    makeFleet(split, { services: services(251), models: { lite }, nestedStacks: Number(/nestedStacks: (\d+)/.exec(message)?.[1]) });
    expect(() => template(split)).not.toThrow();
  });

  test('holds 500 profiles that are not published', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(500, { publishParameters: false }), models: { lite } });
    expect(() => template(stack)).not.toThrow();
  });

  test('fails with other resources of the stack', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(249), models: { lite } });
    for (let index = 0; index < 3; index++) new CfnResource(stack, `Other${index}`, { type: 'A::B::C' });
    expect(() => template(stack)).toThrow(/Stack has 501 resources.*set nestedStacks: /);
  });

  test('does not count what other stacks and nested stacks have', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(250), models: { lite } });
    new CfnResource(new Stack(appOf(stack), 'Elsewhere', { env }), 'Other', { type: 'A::B::C' });
    expect(() => template(stack)).not.toThrow();
  });

  test('fails for a nested stack, and says that a larger number moves services', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(600), models: { lite }, nestedStacks: 2 });
    expect(() => template(stack)).toThrow(/the template of Stack\/Fleet\/Profiles[12] has \d+ resources.*set nestedStacks: \d+, which moves some of the services/);
  });

  test('fails for one service that is too large for any nested stack', () => {
    const stack = makeStack();
    const models = Object.fromEntries(Array.from({ length: 251 }, (_, index) => [`m${index}`, ModelSource.foundationModel(`amazon.model-${index}`)]));
    makeFleet(stack, { services: services(1), models });
    expect(() => template(stack)).toThrow(/502 resources.*spread the models of its largest service over several services/);
  });

  test('names a number for a service that nearly fills a nested stack', () => {
    const stack = makeStack();
    const models = Object.fromEntries(Array.from({ length: 225 }, (_, index) => [`m${index}`, ModelSource.foundationModel(`amazon.model-${index}`)]));
    makeFleet(stack, { services: services(2), models });
    expect(() => template(stack)).toThrow(/900 resources.*set nestedStacks: /);
  });
});

test('a nested stack fails with more than 200 outputs, one for each profile that another stack refers to', () => {
  const make = (count: number): Stack => {
    const stack = makeStack();
    const fleet = makeFleet(stack, { services: services(count), models: { lite }, nestedStacks: 1 });
    for (const [index, profile] of fleet.profiles.entries()) new CfnOutput(Stack.of(profile), `Arn${index}`, { value: profile.inferenceProfileArn });
    return stack;
  };
  expect(() => Template.fromStack(make(200))).not.toThrow();
  expect(() => Template.fromStack(make(201))).toThrow(/Profiles1 has 201 outputs.*CloudFormation takes 200: raise nestedStacks/);
});

describe('the quota of profiles', () => {
  const props = { services: services(3), models: { lite } };

  test('is 1,000', () => {
    const stack = makeStack();
    makeFleet(stack, { services: services(1000), models: { lite }, nestedStacks: 8 });
    expect(() => Template.fromStack(stack)).not.toThrow();
    const more = makeStack();
    makeFleet(more, { services: services(1001), models: { lite }, nestedStacks: 8 });
    expect(() => Template.fromStack(more)).toThrow(/1001 application inference profiles .* 1000 are allowed: .*quota L-40EC9882/);
  });

  test('may be another', () => {
    const stack = makeStack();
    makeFleet(stack, { ...props, quota: 3 });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('fails with one more, whoever made it and in whichever stack of the account and Region', () => {
    const stack = makeStack();
    makeFleet(stack, { ...props, quota: 3 });
    const other = new Stack(appOf(stack), 'Other', { env });
    new bedrock.CfnApplicationInferenceProfile(other, 'Profile', { inferenceProfileName: 'a' });
    expect(() => Template.fromStack(stack)).toThrow(/4 application inference profiles .* 3 are allowed/);
  });

  test.each([{ account: '444455556666', region: 'eu-west-1' }, { account: '111122223333', region: 'us-east-1' }])('does not count profiles in %j', place => {
    const stack = makeStack();
    makeFleet(stack, { ...props, quota: 3 });
    makeFleet(new Stack(appOf(stack), 'Other', { env: place }), props);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('does not count other stacks while the account is not known, nor another stage', () => {
    const stack = makeStack({});
    makeFleet(stack, { ...props, quota: 3 });
    makeFleet(new Stack(appOf(stack), 'Other'), props);
    makeFleet(new Stack(new Stage(appOf(stack), 'Stage'), 'Stack'), props);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('may be known at deployment only', () => {
    const stack = makeStack();
    makeFleet(stack, { ...props, quota: new CfnParameter(stack, 'Quota', { type: 'Number' }).valueAsNumber });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test.each([0, 1.5, NaN])('fails to be %d', quota => {
    expect(() => makeFleet(makeStack(), { quota })).toThrow(/quota is .*: use a whole number from 1/);
  });
});

describe('the declaration', () => {
  test('fails once with all that is wrong with it', () => {
    let message = '';
    try {
      makeFleet(makeStack(), {
        quota: 0,
        models: { lite: ModelSource.foundationModel('eu.amazon.nova-lite-v1:0') },
        services: {
          'a': { attribution: { team: 'a', env: 'qa' }, models: { 'x/y': ModelSource.foundationModel('no') } },
          'b/c': service('b'),
        },
      });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/the inference profile fleet has 7 problems/);
    expect(message).toMatch(/- quota is 0/);
    expect(message).toMatch(/- models\["lite"\]: modelSource is the foundation model .*use ModelSource.systemProfile/);
    expect(message).toMatch(/- services\["a"\]\.models has the id "x\/y"/);
    expect(message).toMatch(/- services\["a"\]\.models\["x\/y"\]: modelSource is "no"/);
    expect(message).toMatch(/- services\["a"\]: resourceTag\.env: got "qa"/);
    expect(message).toMatch(/- services\["a"\]: resourceTag\.service/);
    expect(message).toMatch(/- services has the id "b\/c"/);
  });

  test('fails with a service that has no model', () => {
    expect(() => makeFleet(makeStack(), { models: undefined })).toThrow(/services\["service-0"\] has no model: give it models, or give the fleet models for all/);
  });

  test.each(['', 'a/b'])('fails with the id %j', id => {
    expect(() => makeFleet(makeStack(), { services: { [id]: service('a') } })).toThrow(/services has the id .*: use a text that is known at synthesis, is not empty and has no slash/);
  });

  test('fails with an id that is known at deployment only', () => {
    expect(() => makeFleet(makeStack(), { services: { [Lazy.string({ produce: () => 'x' })]: service('a') } })).toThrow(/services has the id/);
  });

  test('fails with values that are not known at synthesis, unless the service is not published', () => {
    const attribution = { ...attributionOf('a'), team: Lazy.string({ produce: () => 'later' }) };
    const later = { attribution };
    expect(() => makeFleet(makeStack(), { services: { later } })).toThrow(/services\["later"\]: parameterName cannot be computed, because attribution\.team is not known at synthesis: set publishParameters to false/);
    const stack = makeStack();
    makeFleet(stack, { services: { later: { attribution, publishParameters: false } } });
    Template.fromStack(stack).resourceCountIs(PROFILE, 2);
  });

  test('fails when two profiles would be published under one name', () => {
    const two = { one: service('same'), two: { attribution: { ...attributionOf('same'), feature: 'x' } } };
    expect(() => makeFleet(makeStack(), { services: two, models: { lite } }))
      .toThrow(/the model "lite" of services\["two"\] would have the parameter "\/bedrock[^"]*", which the model "lite" of services\["one"\] has: tell them apart by a required key, or set publishParameters to false/);
    expect(() => makeFleet(makeStack(), { services: { ...two, two: { ...two.two, publishParameters: false } } })).not.toThrow();
  });
});
