import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { access, schema } from '../../lib';
import { CHECKOUT, synthesizeApp } from '../support/synthesize-app';
import { accessWorld } from './access-world';
import { ACCOUNT } from './emulator/local-aws';

/** What cfn-lint may find all the same. */
const ACCEPTED: Readonly<Record<string, string>> = {
  W3005: 'the CDK has a function wait for the role that it refers to and, which no reference says, for the policies of that role',
};

/** A template, and the Regions that it is for. */
interface Template {
  readonly name: string;
  readonly text: string;
  readonly regions: string[];
}

/** What cfn-lint says about a template. */
interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path: (string | number)[] | null };
}

interface Manifest {
  readonly artifacts: Record<string, { environment?: string; properties?: { templateFile?: string } }>;
}

const EXAMPLES = path.join(CHECKOUT, 'examples');
const examples = fs.readdirSync(EXAMPLES).filter(name => fs.existsSync(path.join(EXAMPLES, name, 'app.ts')));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'templates-'));

afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

/** The templates among the files of an app, for the Regions of their stacks; one that can go anywhere is checked for two. */
function templatesOf(app: string, files: ReadonlyMap<string, string>): Template[] {
  const { artifacts } = JSON.parse(files.get('manifest.json') ?? '') as Manifest;
  const regionOf = new Map(Object.values(artifacts).map(({ environment, properties }) => [properties?.templateFile, environment?.split('/').at(-1)]));
  return [...files].filter(([file]) => file.endsWith('.template.json')).map(([file, text]) => {
    const region = regionOf.get(file);
    return { name: `${app}/${file}`, text, regions: region === undefined || region === 'unknown-region' ? ['us-east-1', 'eu-west-1'] : [region] };
  });
}

/** Synthesizes an example as the CDK does, by the command of its cdk.json. */
function synthesizeExample(name: string): ReadonlyMap<string, string> {
  const cwd = path.join(EXAMPLES, name);
  const outdir = fs.mkdtempSync(path.join(folder, 'cdk.out-'));
  const { app } = JSON.parse(fs.readFileSync(path.join(cwd, 'cdk.json'), 'utf8')) as { app: string };
  const { PATH = '', HOME = '' } = process.env;
  const { status, stderr } = spawnSync(app, { cwd, env: { PATH, HOME, CDK_OUTDIR: outdir }, encoding: 'utf8', shell: true });
  if (status !== 0) throw new Error(`synthesis of ${name} ended with ${status}: ${stderr}`);
  return filesIn(outdir);
}

/** Synthesizes what no app makes together: all of access, and the guardrails of an organization. */
function synthesizeAccess(): ReadonlyMap<string, string> {
  const app = new App({ outdir: fs.mkdtempSync(path.join(folder, 'cdk.out-')), analyticsReporting: false });
  accessWorld()(new Stack(app, 'Account', { env: { account: ACCOUNT, region: 'us-east-1' } }));
  new access.AttributionGuardrails(new Stack(app, 'Organization', { env: { account: ACCOUNT, region: 'us-east-1' } }), 'Guardrails', {
    schema: schema.AttributionSchema.starter(), targetIds: ['ou-ab12-11111111'], allowedRegions: ['us-east-1', 'eu-west-1'],
  });
  return filesIn(app.synth().directory);
}

function filesIn(outdir: string): ReadonlyMap<string, string> {
  return new Map(fs.readdirSync(outdir).filter(file => file.endsWith('.json')).map(file => [file, fs.readFileSync(path.join(outdir, file), 'utf8')]));
}

/** The interpreter of the environment in which cfn-lint is installed. */
function python(): string {
  const output = execFileSync(process.execPath, [path.join(CHECKOUT, 'scripts', 'install-emulator.mjs')], { encoding: 'utf8' });
  return output.trim().split('\n').at(-1) ?? '';
}

/** What cfn-lint finds, with its own settings and the resource schemas of the Regions. */
function findings({ text, regions }: Pick<Template, 'text' | 'regions'>): Finding[] {
  const file = path.join(fs.mkdtempSync(path.join(folder, 'check-')), 'stack.template.json');
  fs.writeFileSync(file, text);
  // the command of that name has the path of another interpreter in it, as the environment was moved when it was complete
  const main = 'import sys; from cfnlint.runner import main; sys.exit(main())';
  const args = ['-c', main, '--format', 'json', '--non-zero-exit-code', 'none', '--regions', ...regions, '--template', file];
  return JSON.parse(execFileSync(python(), args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })) as Finding[];
}

/** Rule, place and message of what is not accepted. */
function unaccepted(found: Finding[]): string[] {
  return found.filter(({ Rule }) => !(Rule.Id in ACCEPTED)).map(({ Rule, Location, Message }) => `${Rule.Id} at ${Location.Path?.join('/')}: ${Message}`);
}

const templates = [
  ...templatesOf('bin', synthesizeApp()),
  ...examples.flatMap(name => templatesOf(`examples/${name}`, synthesizeExample(name))),
  ...templatesOf('lib/access', synthesizeAccess()),
];
const found = new Map<Template, Finding[]>();

/** What cfn-lint finds in a template of ours, asked once. */
function findingsOf(template: Template): Finding[] {
  const known = found.get(template) ?? findings(template);
  found.set(template, known);
  return known;
}

test('templates of the reference app, of every example and of all access are checked', () => {
  expect([...new Set(templates.map(({ name }) => path.dirname(name)))]).toEqual([
    'bin', 'examples/application-roles', 'examples/federated-users', 'examples/llm-gateway', 'examples/users-and-api-keys', 'lib/access',
  ]);
});

test.each(templates)('$name is what CloudFormation takes', template => {
  expect(unaccepted(findingsOf(template))).toEqual([]);
});

test.each(Object.keys(ACCEPTED))('%s is found somewhere, so that it has to be accepted', rule => {
  expect(templates.flatMap(findingsOf).map(({ Rule }) => Rule.Id)).toContain(rule);
});

const PROFILE = {
  Type: 'AWS::Bedrock::ApplicationInferenceProfile',
  Properties: { InferenceProfileName: 'payments', ModelSource: { CopyFrom: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0' } },
};
const PROJECT = { Type: 'AWS::BedrockMantle::Project', Properties: { Name: 'payments' } };

test.each([
  ['a property that the type does not have', PROFILE, { Tag: [] }, 'E3002'],
  ['a name with two dashes', PROFILE, { InferenceProfileName: 'payments--' }, 'E3031'],
  ['a source that is not an ARN', PROFILE, { ModelSource: { CopyFrom: 'amazon.nova-lite-v1:0' } }, 'E3031'],
  ['a description that is too long', PROFILE, { Description: 'x'.repeat(201) }, 'E3033'],
  ['a project without a name', PROJECT, { Name: undefined }, 'E3003'],
])('fails on %s', (_case, resource, wrong, rule) => {
  const check = (Properties: object): string[] => findings({
    text: JSON.stringify({ Resources: { Wrong: { ...resource, Properties } } }), regions: ['us-east-1'],
  }).map(({ Rule }) => Rule.Id);
  expect(check(resource.Properties)).toEqual([]);
  expect(check({ ...resource.Properties, ...wrong })).toContain(rule);
});
