import type { SSMClient } from '@aws-sdk/client-ssm';
import { type AttributionSchema, Carrier, type Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { parameterName } from '../../../lib/schema/parameter-name';
import { AttributionError } from '../attribution-error';
import type { AttributionByName } from './project-tags';

/** Where a project is published. */
export interface ProjectParameter {
  /** Client of the account and Region that the project is in. Its principal needs `ssm:GetParameter` on the parameter. */
  readonly client: Pick<SSMClient, 'send'>;

  /**
   * Name of the parameter.
   *
   * @default - computed from `schema` and `attribution`, as `MantleProject` of the construct library computes it
   */
  readonly name?: string;
}

const ID = /^proj_[a-zA-Z0-9_-]+$/;

/** What is wrong with the id of a project; the default one is none that spend can be attributed to. */
export function projectIdProblems(path: string, projectId: unknown): Problem[] {
  if (typeof projectId === 'string' && ID.test(projectId)) return [];
  const ofDefault = 'make a project: the default one has no tags, so that its calls are attributed to nobody';
  const remedy = projectId === 'default' ? ofDefault : 'give the id of the project';
  return [newProblem({ code: 'projectId', path, got: projectId, allowed: 'proj_ and letters, digits, _ or -', remedy })];
}

/** The name under which the construct library publishes a project: one level for each required key that rides on resource tags. */
export function computedName(schema: AttributionSchema, attribution: AttributionByName): { name: string; problems: Problem[] } {
  const problems: Problem[] = [];
  const keys = schema.activeKeys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG) && key.isRequiredOn());
  const levels = keys.map(({ name }) => {
    const given = [name, ...schema.deprecatedNames(name)].filter(known => known in attribution).map(known => attribution[known]);
    const value = given.find(candidate => candidate !== '');
    if (value !== undefined) return value;
    const [allowed, remedy] = ['the value that the project is tagged with', 'add it, or give parameter.name'];
    problems.push(newProblem({ code: 'missingKey', path: `attribution.${name}`, got: given[0], allowed, remedy }));
    return '';
  });
  return { name: parameterName('projects', levels), problems };
}

/**
 * Reads the id of a project from where the construct library publishes it.
 *
 * @throws AttributionError `InvalidProject` when nothing is published there, or no project of this Region; errors of the client
 */
export async function publishedProjectId({ client, name }: Required<ProjectParameter>, region: string): Promise<string> {
  const { projectId, projectArn } = parse(name, await read(client, name));
  const problems = projectIdProblems(`${name}.projectId`, projectId);
  const found = typeof projectArn === 'string' ? projectArn.split(':')[3] : undefined;
  if (found !== region) {
    const remedy = 'a project belongs to one Region: read the parameter there';
    problems.push(newProblem({ code: 'region', path: `${name}.projectArn`, got: projectArn, allowed: `the ARN of a project in ${region}`, remedy }));
  }
  if (problems.length > 0) throw new AttributionError('InvalidProject', 'the published project', problems);
  return projectId as string;
}

async function read(client: ProjectParameter['client'], name: string): Promise<string | undefined> {
  // a project that is given by its id needs no client of Systems Manager
  const { GetParameterCommand } = await import('@aws-sdk/client-ssm');
  try {
    const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: name }));
    return parameter?.Value;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ParameterNotFound') throw error;
    const remedy = 'deploy the MantleProject with these values in this account and Region, or give parameter.name';
    const problem = newProblem({ code: 'parameterNotFound', path: 'parameter.name', got: name, allowed: 'a parameter that exists', remedy });
    throw new AttributionError('InvalidProject', 'the published project', [problem], { cause: error });
  }
}

function parse(name: string, text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  const allowed = 'JSON with projectArn and projectId';
  const problem = newProblem({ code: 'parameterValue', path: name, got: text, allowed, remedy: 'give the parameter of a MantleProject' });
  throw new AttributionError('InvalidProject', 'the published project', [problem]);
}
