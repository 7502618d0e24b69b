import { setTimeout as sleep } from 'node:timers/promises';
import type { AttributionSchema, Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import { jsonObject } from '../json-object';
import type { FetchFunction } from '../signing';
import { type AttributionByName, tagProblems } from './project-tags';

/** What a project is verified by. */
export interface ProjectToVerify {
  readonly projectId: string;
  readonly endpoint: string;
  readonly authorized: FetchFunction;
  readonly schema?: AttributionSchema;
  readonly attribution?: AttributionByName;
  /** How often to ask at most. @default 3 */
  readonly attempts?: number;
  /** Seconds after which one attempt has failed. @default 10 */
  readonly timeoutSeconds?: number;
  /** Waits so many milliseconds between attempts. @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
  /** A number from 0 to below 1, by which waits differ. @default Math.random */
  readonly random?: () => number;
}

/** What the endpoint said. */
interface Said {
  readonly status: number;
  readonly text: string;
}

/** A tag of a list, as far as it is one. */
interface Tag {
  readonly key?: unknown;
  readonly value?: unknown;
}

const FIRST_WAIT_MS = 200;
const LONGEST_QUOTE = 300;

/**
 * Asks the endpoint whether there is such a project, whether it takes calls, and whose it is.
 *
 * @throws AttributionError `InvalidProject`, with everything that is wrong
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html
 */
export async function verifyProject(project: ProjectToVerify): Promise<void> {
  const { projectId, attempts = 3, wait = sleep, random = Math.random } = project;
  for (let attempt = 1; ; attempt++) {
    const { said, cause } = await ask(project);
    if (said !== undefined && said.status !== 429 && said.status < 500) {
      const problems = judge(project, said);
      if (problems.length > 0) throw new AttributionError('InvalidProject', `the project ${projectId}`, problems);
      return;
    }
    if (attempt >= attempts) {
      const got = said === undefined ? String(cause) : quoted(said);
      const remedy = `asked ${attempt === 1 ? 'once' : `${attempt} times`}: see that the endpoint can be reached, raise attempts, or start without with verify: false`;
      const problem = newProblem({ code: 'unverified', path: 'projectId', got, allowed: 'an answer of the endpoint', remedy });
      throw new AttributionError('InvalidProject', `the project ${projectId}`, [problem], { cause });
    }
    // half of a wait is chance, so that services which start at the same time do not ask again at the same time
    await wait(Math.round(FIRST_WAIT_MS * 2 ** (attempt - 1) * (1 + random()) / 2));
  }
}

/** What the endpoint said, or why it said nothing. */
async function ask({ projectId, endpoint, authorized, timeoutSeconds = 10 }: ProjectToVerify): Promise<{ said?: Said; cause?: unknown }> {
  try {
    const signal = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000));
    const answer = await authorized(`${endpoint}/v1/organization/projects/${projectId}`, { headers: { accept: 'application/json' }, redirect: 'error', signal });
    return { said: { status: answer.status, text: await answer.text() } };
  } catch (cause) {
    return { cause };
  }
}

function judge({ projectId, endpoint, schema, attribution = {} }: ProjectToVerify, said: Said): Problem[] {
  const problem = (code: string, got: unknown, allowed: string, remedy: string): Problem[] => [newProblem({ code, path: 'projectId', got, allowed, remedy })];
  if (said.status === 404) {
    const remedy = 'correct it: calls in the name of a project that is not there are answered all the same, and billed to the default project';
    return problem('projectNotFound', projectId, `a project of the account at ${endpoint}`, remedy);
  }
  if (said.status === 401 || said.status === 403) {
    const remedy = 'allow bedrock-mantle:GetProject and bedrock-mantle:ListTagsForResource on the project (`grants.read` of MantleProject) and, for an API key, '
      + 'bedrock-mantle:CallWithBearerToken, see that credentials or key are valid, or start without with verify: false';
    return problem('forbidden', quoted(said), 'an answer of the endpoint', remedy);
  }
  const described = said.status === 200 ? jsonObject(said.text) : undefined;
  if (described?.id !== projectId) return problem('unknownAnswer', quoted(said), 'a description of the project', 'see that endpoint is one of bedrock-mantle');
  if (String(described.status).toLowerCase() === 'archived' || (described.archived_at ?? undefined) !== undefined) {
    return problem('archived', projectId, 'a project that is active', 'make another project: an archived one takes no calls');
  }
  if (schema === undefined) return [];
  const tags = tagsOf(described.tags);
  if (tags === undefined) {
    const remedy = 'allow bedrock-mantle:ListTagsForResource on it (`grants.read` of MantleProject), or leave out schema';
    const got = described.tags === undefined ? undefined : 'something else';
    return problem('tagsUnknown', got, 'the tags of the project', remedy);
  }
  return tagProblems(schema, attribution, tags);
}

/** The API is documented to take tags as a map; as a list of keys and values they come from the other APIs of AWS. */
function tagsOf(tags: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof tags !== 'object' || tags === null) return undefined;
  const pairs = Array.isArray(tags) ? (tags as (Tag | null)[]).map(tag => [tag?.key, tag?.value]) : Object.entries(tags);
  return pairs.flat().every(text => typeof text === 'string') ? Object.fromEntries(pairs) as Record<string, string> : undefined;
}

/** The answer as it is quoted in a message: what the service says about an error, if it does. Other JSON may have tags of persons. */
function quoted({ status, text }: Said): string {
  const body = jsonObject(text);
  const message = (body?.error as { readonly message?: unknown } | undefined)?.message ?? body?.message;
  const unexplained = body === undefined ? text : `an object of ${Object.keys(body).join(', ')}`;
  return `${status} ${typeof message === 'string' ? message : unexplained}`.trim().slice(0, LONGEST_QUOTE);
}
