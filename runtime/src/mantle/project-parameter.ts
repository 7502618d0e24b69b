import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import { jsonObject, NO_OBJECT } from '../json-object';

/** Where a project is published. */
export interface ProjectParameter {
  /** Client of the account and Region that the project is in. Its principal needs `ssm:GetParameter` on the parameter. */
  readonly client: Pick<SSMClient, 'send'>;

  /**
   * Name of the parameter, or its ARN where another account shares it.
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

/**
 * Reads the id of a project from where the construct library publishes it.
 *
 * @throws AttributionError `InvalidProject` when nothing is published there, or no project of this Region; errors of the client
 */
export async function publishedProjectId({ client, name }: Required<ProjectParameter>, region: string): Promise<string> {
  const published = jsonObject(await read(client, name));
  if (published === undefined) {
    const [allowed, remedy] = ['JSON with projectArn and projectId', 'give the parameter of a MantleProject'];
    const problem = newProblem({ code: 'parameterValue', path: name, got: NO_OBJECT, allowed, remedy });
    throw new AttributionError('InvalidProject', 'the published project', [problem]);
  }
  const { projectId, projectArn } = published;
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
