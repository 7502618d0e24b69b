import type { BedrockClient } from '@aws-sdk/client-bedrock';
import { call, type Patience } from '../../../private/handlers/calls.lambda-shared';
import type { Listing } from './history.lambda-shared';
import type { Place, ProfileFacts } from './list-profiles.lambda-shared';
import { ownTags } from './own-tags.lambda-shared';
import { allPages } from './pages.lambda-shared';
import { RefreshError } from './refresh-error.lambda-shared';

/** A project as the endpoint tells of it, as far as it is read here. */
interface Project {
  readonly arn: string;
  readonly id: string;
  readonly name?: string;
  readonly status?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A page of a list, as the endpoint sends it. */
interface ProjectPage {
  readonly data: Project[];
  readonly has_more?: boolean;
  readonly last_id?: string;
}

/** Asks the mantle endpoint for a page of projects: the first one, or the one after a project. */
export type ReadProjects = (after: string | undefined) => Promise<unknown>;

/** The project of calls that name none: it cannot be tagged, so nothing can be attributed to it. */
const DEFAULT_PROJECT = 'default';

/** How long the endpoint may take to answer, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** The endpoint refused a request, or failed: named and marked as errors of the SDK are. */
class MantleError extends Error {
  public readonly $fault: 'client' | 'server';

  public constructor(status: number, text: string) {
    super(`HTTP status ${status}: ${text.slice(0, 500)}`);
    this.name = status === 429 ? 'ThrottlingException' : `HTTP ${status}`;
    this.$fault = status >= 500 ? 'server' : 'client';
  }
}

/**
 * The projects of the mantle endpoint of an account and Region, but for archived ones and the default one.
 *
 * How the endpoint wants to be asked for the next page is not documented: it is asked as the API is that it is compatible with, and an
 * answer that does not lead on fails the listing, instead of passing for the end of it.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html
 */
export async function listProjects(read: ReadProjects, place: Place, patience: Patience): Promise<Listing<ProfileFacts>> {
  const seen = new Set<string>();
  const projects = await allPages(async after => {
    const page = parsePage(await call('bedrock-mantle:ListProjects', patience, () => read(after)));
    const entries = page.data.filter(({ arn }) => !seen.has(arn));
    entries.forEach(({ arn }) => seen.add(arn));
    if (page.has_more !== true) return { entries };
    const next = page.last_id ?? page.data.at(-1)?.id;
    if (entries.length === 0 || next === undefined) {
      throw new RefreshError(`bedrock-mantle:ListProjects has more than ${seen.size} projects, but no page after ${JSON.stringify(after ?? '')} that leads on`);
    }
    return { entries, next };
  });
  const rows = projects.filter(({ id, status }) => id !== DEFAULT_PROJECT && status !== 'archived').map(project => rowOf(project, place));
  return { rows, covers: row => row.kind === 'project' };
}

function rowOf({ arn, name, tags = {} }: Project, place: Place): ProfileFacts {
  return {
    inference_profile_arn: arn,
    model_source: null,
    tags: ownTags(Object.entries(tags).map(([key, value]) => ({ key, value })), place.tagKeys),
    name: name ?? null,
    kind: 'project',
    account_id: place.account,
    region: place.region,
  };
}

function parsePage(answer: unknown): ProjectPage {
  const { data } = (answer ?? {}) as { readonly data?: unknown };
  if (!Array.isArray(data) || !data.every(isProject)) {
    throw new RefreshError(`bedrock-mantle:ListProjects answered with something else than projects: ${JSON.stringify(answer).slice(0, 500)}`);
  }
  return answer as ProjectPage;
}

function isProject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'arn' in value && typeof value.arn === 'string' && 'id' in value && typeof value.id === 'string';
}

/**
 * Reads pages from the mantle endpoint, for which there is no client: requests are signed with the rights of another service's.
 *
 * @param client a client of its own: asked for another service once, it signs for that one ever after
 * @param endpoint address of the endpoint, without a path
 */
export function mantleReader(client: BedrockClient, endpoint: string): ReadProjects {
  return async after => {
    const url = new URL('/v1/organization/projects', endpoint);
    const query: Record<string, string> = after === undefined ? {} : { after };
    url.search = new URLSearchParams(query).toString();
    const signer = await client.config.signer({
      name: 'sigv4', signingName: 'bedrock-mantle', signingRegion: await client.config.region(), properties: {},
    });
    const { headers } = await signer.sign({
      method: 'GET', protocol: url.protocol, hostname: url.hostname, path: url.pathname, query, headers: { host: url.host },
    });
    const response = await fetchOrCause(url, headers);
    if (!response.ok) throw new MantleError(response.status, await response.text());
    return response.json();
  };
}

/** What keeps a request from being answered is the cause of what `fetch` throws. */
async function fetchOrCause(url: URL, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw (error as { cause?: unknown }).cause ?? error;
  }
}
