/**
 * How long it takes to synthesize a role and a profile each for many services, against the same templates from
 * CloudFormation resources written by hand: both are measured side by side in one run, in processes of their own, and only their ratio
 * says something about another machine. Then what a further service and a further model add to a template.
 *
 * Usage: npm run bench:synth [-- <services>]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { access, inferenceProfiles, schema as schemas } from '../dist/lib';

const ROUNDS = 5;
const PER_STACK = 150;
const MODEL = 'eu.amazon.nova-lite-v1:0';
const env = { account: '777788889999', region: 'eu-west-1' };
const schema = schemas.AttributionSchema.starter();

interface Template { readonly Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> }

/** One stack per so many services, so that each keeps to the limit of resources. */
function stacks(services: number, addService: (stack: Stack, service: string) => void): App {
  const app = new App({ analyticsReporting: false });
  for (let first = 0; first < services; first += PER_STACK) {
    const stack = new Stack(app, `Stack${first}`, { env });
    for (let index = first; index < Math.min(services, first + PER_STACK); index++) addService(stack, `Service${index}`);
  }
  return app;
}

const attributionOf = (service: string): Record<string, string> => ({ team: 'payments', service: service.toLowerCase(), env: 'prod' });

function withConstructs(services: number, models = [MODEL], target?: access.InvocationTarget): App {
  return stacks(services, (stack, service) => {
    const attribution = attributionOf(service);
    const profiles = models.map((model, index) => new inferenceProfiles.ApplicationInferenceProfile(stack, `${service}Profile${index}`, {
      schema, attribution, modelSource: inferenceProfiles.ModelSource.systemProfile(model),
    }));
    new access.BedrockServiceRole(stack, `${service}Role`, {
      schema,
      attribution,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      targets: target === undefined ? profiles.map(profile => access.InvocationTarget.profile(profile)) : [target],
    });
  });
}

/** The same resources as somebody would write them who has no constructs. */
function byHand(services: number, profileNames: Map<string, string>): App {
  return stacks(services, (stack, service) => {
    const { team, service: name, env: stage } = attributionOf(service);
    const tags = [{ key: 'env', value: stage }, { key: 'service', value: name }, { key: 'team', value: team }];
    const systemProfile = (id: string, region: string): string => `arn:${stack.partition}:bedrock:${region}:${stack.account}:inference-profile/${id}`;
    const profile = new bedrock.CfnApplicationInferenceProfile(stack, `${service}Profile0`, {
      inferenceProfileName: profileNames.get(service) ?? '',
      modelSource: { copyFrom: systemProfile(MODEL, stack.region) },
      tags,
    });
    new ssm.CfnParameter(stack, `${service}Profile0Parameter`, {
      type: 'String',
      name: `/bedrock-cost-attribution/inference-profiles/${team}/${name}/${stage}/eu.amazon.nova-lite-v1_3a0`,
      value: JSON.stringify({ inferenceProfileArn: profile.attrInferenceProfileArn, sourceId: MODEL, modelId: MODEL.slice(3) }),
    });
    const models = ['*', ''].map(region => `arn:${stack.partition}:bedrock:${region}::foundation-model/*`);
    const call = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
    new iam.CfnRole(stack, `${service}Role`, {
      description: 'Calls Amazon Bedrock through its own inference profiles',
      assumeRolePolicyDocument: {
        Statement: [
          { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
          {
            Action: 'sts:TagSession',
            Condition: { 'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': ['team', 'service', 'env', 'feature'] } },
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Sid: 'KeepTagsOfRole',
          },
        ],
        Version: '2012-10-17',
      },
      policies: [{
        policyName: 'CallTargets',
        policyDocument: {
          Statement: [
            { Action: ['bedrock:GetInferenceProfile', ...call], Effect: 'Allow', Resource: [profile.attrInferenceProfileArn, systemProfile('*', '*')], Sid: 'CallProfiles' },
            {
              Action: call,
              Condition: { ArnLike: { 'bedrock:InferenceProfileArn': [profile.attrInferenceProfileArn] } },
              Effect: 'Allow',
              Resource: models,
              Sid: 'RunModelsThroughProfiles',
            },
            {
              Action: call,
              Condition: { ArnNotLike: { 'bedrock:InferenceProfileArn': [profile.attrInferenceProfileArn] } },
              Effect: 'Deny',
              Resource: models,
              Sid: 'RunModelsInNoOtherWay',
            },
          ],
          Version: '2012-10-17',
        },
      }],
      tags,
    });
  });
}

const templatesOf = (app: App): Map<string, Template> => (
  new Map(app.synth().stacks.map(({ stackName, template }) => [stackName, template as Template]))
);

const bytes = (app: App): number => JSON.stringify([...templatesOf(app).values()]).length;
const allResources = (app: App): Template['Resources'][string][] => [...templatesOf(app).values()].flatMap(({ Resources }) => Object.values(Resources));
const resources = (app: App): number => allResources(app).length;
const policyBytes = (app: App): number => allResources(app)
  .filter(({ Type }) => Type === iam.CfnRole.CFN_RESOURCE_TYPE_NAME)
  .reduce((sum, { Properties }) => sum + JSON.stringify(Properties.Policies).length, 0);

/** Seconds on the clock, and of the processor, which other work on the machine changes less and which include collecting garbage. */
interface Measure { readonly seconds: number; readonly processor: number; readonly megabytes: number }

/** In a process of its own: builds one kind of app and synthesizes it. What is read beforehand does not count. */
function measureHere(services: number, expectedFile?: string): void {
  const expected = expectedFile === undefined ? undefined : readFileSync(expectedFile, 'utf8');
  const names = new Map([...(expected ?? '').matchAll(/"Stack\d+-(Service\d+)Profile0-[^"]*"/g)].map(([name, service]) => [service, JSON.parse(name) as string]));
  const before = process.cpuUsage();
  const started = performance.now();
  const app = expected === undefined ? withConstructs(services) : byHand(services, names);
  const templates = templatesOf(app);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  if (expected !== undefined && !isDeepStrictEqual(JSON.parse(comparable(templates)), JSON.parse(expected))) throw new Error('the templates differ');
  const megabytes = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds, processor: (user + system) / 1e6, megabytes } satisfies Measure));
}

/** All resources, without the hashes that logical ids of constructs end in. */
function comparable(templates: Map<string, Template>): string {
  const text = JSON.stringify([...templates].map(([name, { Resources }]) => [name, Resources]));
  return text.replace(/"(Service\d+(?:Profile\d+(?:Parameter)?|Role))[0-9A-F]{8}"/g, '"$1"');
}

function measure(...args: string[]): Measure {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', __filename, ...args], {
    encoding: 'utf8',
    env: { ...process.env, BENCH_SYNTH_CHILD: 'yes' },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measure;
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function main(services: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  const expectedFile = join(folder, 'resources.json');
  writeFileSync(expectedFile, comparable(templatesOf(withConstructs(services))));
  const constructs: Measure[] = [];
  const hand: Measure[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    hand.push(measure(String(services), expectedFile));
    constructs.push(measure(String(services)));
  }
  rmSync(folder, { recursive: true });
  const middle = (measures: Measure[], of: keyof Measure): number => median(measures.map(measured => measured[of]));
  console.log(`${services.toLocaleString('en-US')} services of a role and a profile, ${ROUNDS} rounds, medians`);
  for (const [name, measures] of [['the same resources written by hand', hand], ['constructs', constructs]] as const) {
    const [seconds, processor, megabytes] = (['seconds', 'processor', 'megabytes'] as const).map(of => middle(measures, of));
    console.log(`${name.padEnd(36)}${seconds.toFixed(2)} s, ${processor.toFixed(2)} s of the processor, ${megabytes.toFixed(0)} MiB`);
  }
  const ratio = (of: keyof Measure): string => (middle(constructs, of) / middle(hand, of)).toFixed(2);
  console.log(`ratios ${ratio('seconds')} (goal: 1.15), ${ratio('processor')}, ${ratio('megabytes')} (goal: 1.15)\n`);

  const targets: [string, access.InvocationTarget | undefined][] = [['named', undefined], ['matched by tags', access.InvocationTarget.matchingTags()]];
  for (const [name, target] of targets) {
    const models = ['eu.amazon.nova-lite-v1:0', 'eu.amazon.nova-pro-v1:0', 'eu.amazon.nova-micro-v1:0'];
    const [one, two] = [1, 2].map(count => withConstructs(count, models.slice(0, 1), target));
    const [few, many] = [2, 3].map(count => withConstructs(1, models.slice(0, count), target));
    console.log(`profiles ${name}: a further service adds ${resources(two) - resources(one)} resources and ${bytes(two) - bytes(one)} bytes of template,`);
    console.log(`  a further model ${resources(many) - resources(few)} resources, ${bytes(many) - bytes(few)} bytes of template and ${policyBytes(many) - policyBytes(few)} bytes of policy`);
  }
}

const [services = '1000', ...expected] = process.argv.slice(2);
if (process.env.BENCH_SYNTH_CHILD === undefined) main(Number(services));
else measureHere(Number(services), ...expected);
