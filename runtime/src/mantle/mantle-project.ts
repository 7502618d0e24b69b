import type { FetchFunction } from '../signing';
import { type MantleApi, projectFetch, type ProjectFetchOptions, projectHeaders } from './project-fetch';

/**
 * A project of the mantle endpoint that calls are made in the name of. The Messages API calls it a workspace.
 */
export class MantleProject {
  /** Id of the project, `proj_…`. */
  public readonly id: string;

  /** Address of the endpoint that the project was opened for, such as `https://bedrock-mantle.eu-west-1.api.aws`. */
  public readonly endpoint: string;

  /**
   * A `fetch` for plain calls and for the `fetch` option of clients.
   *
   * Calls of the endpoint name the project by the header of their API and are authenticated as `auth` says, whatever the client was made
   * with. They are refused when they name another project, and when they go to the endpoint of another Region. What goes to any other
   * host is sent as it is, without the project and without credentials.
   */
  public readonly fetch: FetchFunction;

  /** Use `openProject()`, which verifies the project. */
  public constructor(options: ProjectFetchOptions) {
    this.id = options.projectId;
    this.endpoint = options.endpoint;
    this.fetch = projectFetch(options);
  }

  /**
   * The header by which a call names the project, for clients that take no `fetch`.
   *
   * @param api `openai` for Responses and Chat Completions, `anthropic` for Messages
   */
  public headers(api: MantleApi): Record<string, string> {
    return projectHeaders(api, this.id);
  }

  /**
   * What clients take as `baseURL`.
   *
   * @param api `openai` for Responses and Chat Completions, `anthropic` for Messages
   */
  public baseURL(api: MantleApi): string {
    return `${this.endpoint}/${api === 'anthropic' ? 'anthropic' : 'v1'}`;
  }
}
