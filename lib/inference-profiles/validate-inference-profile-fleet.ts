import { Stack, Stage, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { AttributionSchema } from '../schema';
import type { ModelSource } from './model-source';
import { nestedStacksFor } from './spread-services';
import { countTemplates, inOnePlace, type TemplateCount } from './template-census';
import { attributionTags, profileParameter, sourceProblems } from './validate-application-inference-profile';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (read 2026-11-21) */
const MOST_RESOURCES = 500;
const MOST_OUTPUTS = 200;

/** How full a nested stack is at most in the number that an error names, so that services can be added. */
const ROOMY = 400;

/** A service as it is checked, with all its models. */
export interface ServiceToValidate {
  readonly id: string;
  readonly attribution: Record<string, string>;
  readonly models: [string, ModelSource][];
  readonly publishParameters: boolean;
}

/** What is checked about a fleet when it is made. */
export interface FleetToValidate {
  readonly schema: AttributionSchema;
  readonly services: ServiceToValidate[];
  readonly sharedModels: Record<string, ModelSource>;
  readonly nestedStacks?: number;
  readonly quota: number;
}

/** What is checked about a fleet when everything is there. */
export interface FleetToCount {
  readonly fleet: IConstruct;
  /** The stacks that hold its profiles. */
  readonly stacks: Stack[];
  /** Resources by service id. */
  readonly sizes: Map<string, number>;
  readonly nestedStacks?: number;
  readonly quota: number;
}

/** What is wrong with the declaration of a fleet. */
export function fleetProblems({ schema, services, sharedModels, nestedStacks, quota }: FleetToValidate): string[] {
  const problems = [...numberProblems('nestedStacks', nestedStacks, MOST_RESOURCES), ...numberProblems('quota', quota)];
  problems.push(...modelProblems('models', Object.entries(sharedModels)));
  const holders = new Map<string, string>();
  for (const service of services) {
    const name = `services[${JSON.stringify(service.id)}]`;
    const own = service.models.filter(([id, source]) => sharedModels[id] !== source);
    problems.push(
      ...idProblems('services', service.id),
      ...service.models.length === 0 ? [`${name} has no model: give it models, or give the fleet models for all`] : [],
      ...modelProblems(`${name}.models`, own),
      ...attributionTags(schema, service.attribution).problems.map(problem => `${name}: ${problem}`),
      ...service.publishParameters ? parameterProblems(schema, service, name, holders) : [],
    );
  }
  return problems;
}

/** What is too much, counted over everything that is deployed along with a fleet. */
export function countProblems({ fleet, stacks, sizes, nestedStacks, quota }: FleetToCount): string[] {
  const counts = countTemplates(Stage.of(fleet) ?? fleet.node.root);
  const full = counts.filter(({ stack, resources }) => stacks.includes(stack) && resources > MOST_RESOURCES);
  const chatty = counts.filter(({ stack, outputs }) => stacks.includes(stack) && stack.nested && outputs > MOST_OUTPUTS);
  return [
    ...quotaProblems(counts.filter(({ stack }) => inOnePlace(Stack.of(fleet), stack)), quota),
    ...full.map(({ stack, resources }) => (
      `the template of ${stack.node.path} has ${resources} resources, but CloudFormation takes ${MOST_RESOURCES}: ${remedy(sizes, nestedStacks)}`
    )),
    ...chatty.map(({ stack, outputs }) => (
      `the template of ${stack.node.path} has ${outputs} outputs, one for each profile that another stack refers to, `
      + `but CloudFormation takes ${MOST_OUTPUTS}: raise nestedStacks, or find the profiles by their parameters`
    )),
  ];
}

function quotaProblems(counts: TemplateCount[], quota: number): string[] {
  const profiles = counts.reduce((sum, count) => sum + count.profiles, 0);
  if (Token.isUnresolved(quota) || profiles <= quota) return [];
  return [
    `the app has ${profiles} application inference profiles in the account and Region of the fleet, but ${quota} are allowed: `
    + 'share profiles, spread services over accounts, or have AWS raise the quota L-40EC9882 and give the new one as quota',
  ];
}

function remedy(sizes: Map<string, number>, nestedStacks = 0): string {
  const [roomy, tight] = [ROOMY, MOST_RESOURCES].map(room => nestedStacksFor(sizes, room, nestedStacks + 1, MOST_RESOURCES));
  const enough = roomy ?? tight;
  if (enough === undefined) return 'spread the models of its largest service over several services, or the services over fleets in other stacks';
  return `set nestedStacks: ${enough}${nestedStacks === 0 ? '' : ', which moves some of the services'}`;
}

/** What stands in the way of publishing the profiles of a service; `holders` has the names that services before it took. */
function parameterProblems(
  schema: AttributionSchema, { attribution, models }: ServiceToValidate, name: string, holders: Map<string, string>,
): string[] {
  const problems = new Set<string>();
  for (const [modelId, modelSource] of models) {
    const place = profileParameter({ schema, attribution, modelSource }, 'set publishParameters to false');
    for (const problem of place.problems) problems.add(`${name}: ${problem}`);
    if (place.parameterName === undefined) continue;
    const profile = `the model ${JSON.stringify(modelId)} of ${name}`;
    const holder = holders.get(place.parameterName);
    if (holder === undefined) {
      holders.set(place.parameterName, profile);
    } else {
      const remedy = 'tell them apart by a required key, or set publishParameters to false';
      problems.add(`${profile} would have the parameter ${JSON.stringify(place.parameterName)}, which ${holder} has: ${remedy}`);
    }
  }
  return [...problems];
}

function modelProblems(where: string, models: [string, ModelSource][]): string[] {
  return models.flatMap(([id, source]) => [...idProblems(where, id), ...sourceProblems(source).map(problem => `${where}[${JSON.stringify(id)}]: ${problem}`)]);
}

/** Ids become construct ids, in which a slash would be taken for another character. */
function idProblems(where: string, id: string): string[] {
  if (id !== '' && !id.includes('/') && !Token.isUnresolved(id)) return [];
  return [`${where} has the id ${JSON.stringify(id)}: use a text that is known at synthesis, is not empty and has no slash`];
}

function numberProblems(name: string, value: number | undefined, most = Infinity): string[] {
  if (value === undefined || (name === 'quota' && Token.isUnresolved(value))) return [];
  if (Number.isInteger(value) && value >= 1 && value <= most) return [];
  return [`${name} is ${Token.isUnresolved(value) ? 'not known at synthesis' : value}: use a whole number ${most === Infinity ? 'from 1' : `from 1 to ${most}`}`];
}
