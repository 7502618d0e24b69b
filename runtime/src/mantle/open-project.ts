import { AttributionError } from '../attribution-error';
import { given } from '../context';
import { newGuard } from '../guard';
import type { AttributionValues, SchemaDefinition } from '../schema-definition';
import type { SchemaSource } from '../schema-source';
import type { BedrockAuth, FetchFunction } from '../signing';
import { printedOnce, type WarningListener } from '../warnings';
import { authorizedFetch } from './authorized-fetch';
import { checkOptions } from './check-options';
import { MantleProject } from './mantle-project';
import type { CallerProjectPolicy } from './project-fetch';
import { type ProjectParameter, publishedProjectId } from './project-parameter';
import { verifyProject } from './verify-project';

/**
 * Which project calls are made in the name of, and how.
 */
export interface OpenProjectOptions<D extends SchemaDefinition = SchemaDefinition> {
  /**
   * Id of the project, `proj_…`. The default project is refused: it has no tags, so that its calls are attributed to nobody.
   *
   * @default - read from `parameter`
   */
  readonly projectId?: string;

  /**
   * Where `MantleProject` of the construct library has published the project.
   *
   * @default - `projectId` is given
   */
  readonly parameter?: ProjectParameter;

  /** Region of the project. */
  readonly region: string;

  /** Who calls. */
  readonly auth: BedrockAuth;

  /**
   * Schema that the tags of the project must fit.
   *
   * @default - tags are not looked at
   */
  readonly schema?: SchemaSource<D>;

  /**
   * Whom the calls are to be attributed to: tags of the project must not say anything else. Keys that do not ride on resource tags are of
   * no account. Needs `schema`.
   *
   * @default - the project may be anybody's
   */
  readonly attribution?: AttributionValues<D>;

  /**
   * Address of the endpoint, without the path of an API.
   *
   * @default `https://bedrock-mantle.<region>.api.aws`
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html
   */
  readonly endpoint?: string;

  /**
   * Whether to ask the endpoint about the project at start, for which the caller needs `bedrock-mantle:GetProject`, and
   * `bedrock-mantle:ListTagsForResource` if `schema` is given.
   *
   * Nothing else ever tells that a project does not exist: calls in its name are answered, and billed to the default project.
   *
   * @default true
   */
  readonly verify?: boolean;

  /**
   * How often to ask at most, while the endpoint is throttling, failing or not to be reached: 1 to 10.
   *
   * @default 3
   */
  readonly attempts?: number;

  /**
   * Seconds after which one attempt has failed, up to 300.
   *
   * @default 10
   */
  readonly timeoutSeconds?: number;

  /**
   * What happens to a call that names another project itself.
   *
   * @default 'refuse'
   */
  readonly callerProject?: CallerProjectPolicy;

  /**
   * What sends requests.
   *
   * @default - the global `fetch`
   */
  readonly fetch?: FetchFunction;

  /**
   * Hears of calls whose project was replaced, and of calls of `bedrock-runtime`, which no project attributes. What it throws breaks no
   * call: the first failure is printed.
   *
   * @default - each kind of problem is printed once, as a warning of the process
   */
  readonly onWarning?: WarningListener;

  /**
   * Milliseconds since 1970, for signatures.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}

/**
 * Opens a project of the mantle endpoint for calls, once it is sure that they will be attributed to it.
 *
 * @throws AttributionError `InvalidConfiguration` for wrong options; `InvalidProject` when the project is not there, is archived, cannot be
 *   asked about, or has tags that contradict the attribution; errors of the client of Systems Manager
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html
 */
export async function openProject<const D extends SchemaDefinition>(options: OpenProjectOptions<D>): Promise<MantleProject> {
  const { region, callerProject = 'refuse', onWarning = printedOnce(), fetch: plain = fetch, verify = true, attempts, timeoutSeconds } = options;
  const schema = options.schema?.current;
  const attribution = options.attribution && given(options.attribution);
  const { place, problems } = checkOptions({ ...options, schema, attribution });
  if (place === undefined || problems.length > 0) throw new AttributionError('InvalidConfiguration', 'the project to open', problems);

  const endpoint = (options.endpoint ?? `https://bedrock-mantle.${region}.api.aws`).replace(/\/+$/, '');
  const authorized = authorizedFetch({ ...options, fetch: plain });
  const projectId = 'projectId' in place ? place.projectId : await publishedProjectId(place, region);
  if (verify) await verifyProject({ projectId, endpoint, authorized, schema, attribution, attempts, timeoutSeconds });
  const guard = newGuard('the listener of warnings', 'onWarning');
  const warn: WarningListener = (...told) => {
    guard<unknown>(onWarning.bind(undefined, ...told));
  };
  return new MantleProject({ projectId, endpoint, callerProject, onWarning: warn, authorized, plain });
}
