import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import type { FetchFunction } from '../signing';
import type { WarningListener } from '../warnings';
import { changed, requestOf } from './authorized-fetch';

/** The two kinds of APIs of the endpoint: Responses and Chat Completions, or Messages. */
export type MantleApi = 'openai' | 'anthropic';

/**
 * What happens to a call that names another project itself.
 */
export type CallerProjectPolicy =
  /** The call is not made. */
  | 'refuse'
  /** The call is made in the name of the project that was opened, and a warning is given. */
  | 'replace-and-warn';

/** What a `fetch` in the name of a project is made of. */
export interface ProjectFetchOptions {
  readonly projectId: string;
  /** Address of the endpoint, without a slash at its end. */
  readonly endpoint: string;
  readonly callerProject: CallerProjectPolicy;
  readonly onWarning: WarningListener;
  /** Sends requests to the endpoint. */
  readonly authorized: FetchFunction;
  /** Sends all other requests. */
  readonly plain: FetchFunction;
}

const HEADERS: Readonly<Record<MantleApi, string>> = { openai: 'OpenAI-Project', anthropic: 'anthropic-workspace-id' };

/** Headers that name a project, or are taken for one that does: the last is ignored by the endpoint, though AWS has published it. */
const PROJECT_HEADERS = [...Object.values(HEADERS), 'anthropic-workspace'];

/** Any endpoint of this kind, behind an interface of a VPC too. */
const MANTLE_HOST = /(^|\.)bedrock-mantle(-fips)?\./;
const RUNTIME_HOST = /(^|\.)bedrock-runtime(-fips)?\./;

/** The header by which a call names its project. */
export function projectHeaders(api: MantleApi, projectId: string): Record<string, string> {
  return { [HEADERS[api]]: projectId };
}

/** A `fetch` whose calls of one endpoint name the project. What goes elsewhere is left as it is. */
export function projectFetch(options: ProjectFetchOptions): FetchFunction {
  const { projectId, endpoint, authorized, plain } = options;
  return async (input, init) => {
    const request = requestOf(input);
    const url = new URL(request?.url ?? input);
    const path = pathBelow(endpoint, url);
    if (path === undefined) {
      checkElsewhere(url, options);
      return plain(input, init);
    }
    const withProject = changed(input, init, headers => {
      checkCaller(headers, options);
      for (const name of PROJECT_HEADERS) headers.delete(name);
      for (const [name, value] of Object.entries(projectHeaders(apiOf(path), projectId))) headers.set(name, value);
    });
    // what authenticates the call would go along to another host; the endpoint itself never redirects
    const redirect = init?.redirect ?? request?.redirect ?? 'follow';
    return authorized(input, { ...withProject, redirect: redirect === 'follow' ? 'error' : redirect });
  };
}

/** The path of an address below the endpoint, or undefined when it is elsewhere. */
function pathBelow(endpoint: string, { origin, pathname }: URL): string | undefined {
  const base = new URL(endpoint);
  const prefix = base.pathname.replace(/\/$/, '');
  return origin === base.origin && pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : undefined;
}

function apiOf(path: string): MantleApi {
  return path.startsWith('/anthropic/') ? 'anthropic' : 'openai';
}

function checkCaller(headers: Headers, { projectId, callerProject, onWarning }: ProjectFetchOptions): void {
  const problems = PROJECT_HEADERS.flatMap(name => {
    const got = headers.get(name);
    if (got === null || got === projectId) return [];
    const remedy = 'leave the header out: fetch adds it. The OpenAI client takes `project`, else OPENAI_PROJECT_ID, for it: pass `project: null`';
    return [newProblem({ code: 'anotherProject', path: `headers.${name}`, got, allowed: projectId, remedy })];
  });
  if (problems.length === 0) return;
  if (callerProject === 'refuse') throw new AttributionError('InvalidProject', 'the call', problems);
  for (const problem of problems) onWarning(problem, {});
}

/** Calls that somebody may think to be on the bill of the project. */
function checkElsewhere({ hostname, host }: URL, { endpoint, onWarning }: ProjectFetchOptions): void {
  if (MANTLE_HOST.test(hostname)) {
    const remedy = 'a project belongs to one Region: open it with the endpoint that is called';
    throw new AttributionError('InvalidProject', 'the call', [newProblem({ code: 'endpoint', path: 'url', got: host, allowed: endpoint, remedy })]);
  }
  if (!RUNTIME_HOST.test(hostname)) return;
  const remedy = 'call the endpoint of the project, or have an application inference profile attribute the call';
  onWarning(newProblem({ code: 'withoutProject', path: 'url', got: host, allowed: `${endpoint}: bedrock-runtime knows no projects`, remedy }), {});
}
