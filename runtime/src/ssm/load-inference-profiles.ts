import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import { jsonObject, NO_OBJECT } from '../json-object';
import type { FoundEntry } from '../profiles/inference-profile-entry';
import { type InferenceProfileEntries, inferenceProfiles, type KnownInferenceProfiles, type RoutingOptions, routingTable } from '../profiles/inference-profiles';
import type { SchemaSource } from '../schema-source';
import { parameterPathProblems, refreshProblems } from './check-options';
import { publishedPath } from './published-path';
import { RefreshedValue, type RefreshOptions } from './refreshed-value';

/** Profiles that are published where the construct library computes it. */
export interface ComputedPath {
  /** The attribution keys, which make the path. */
  readonly schema: SchemaSource;

  /** The values of the service: those that its client is made with. */
  readonly attribution: Readonly<Record<string, string | undefined>>;

  /** Not together with these. */
  readonly parameterPath?: undefined;
}

/** Profiles that were given a `parameterName` of their own. */
export interface GivenPath {
  /** Path of the parameters: all that are one level below it are read, and must be profiles. */
  readonly parameterPath: string;
}

/** How the profiles of a service are read, how models are led to them, and how they are kept fresh. */
export interface LoadingOptions extends RefreshOptions, RoutingOptions {
  /**
   * Client of the account and Region that the profiles are in, or one for each Region that the service calls models in. Their principal
   * needs `ssm:GetParametersByPath` on the path.
   */
  readonly client: SSMClient | readonly SSMClient[];

  /**
   * Profiles to start with when those of some Region cannot be read.
   *
   * @default - the start fails
   */
  readonly initial?: InferenceProfileEntries;
}

/** Where the profiles of a service are published, and how they are read. */
export type LoadInferenceProfilesOptions = LoadingOptions & (ComputedPath | GivenPath);

/** Profiles that are read again once they are old. */
export interface RefreshedInferenceProfiles extends KnownInferenceProfiles {
  /**
   * Reads the profiles now, or waits for the attempt that is on its way.
   *
   * @throws why they could not be read; the last good ones stay
   */
  refresh(): Promise<void>;
}

/** GetParametersByPath gives no more at a time. */
const PAGE_SIZE = 10;

/**
 * Reads the application inference profiles that the construct library publishes for a service, and follows their changes: a profile that is
 * replaced has another ARN.
 *
 * The profiles of all Regions change together or not at all: when one Region cannot be read, has none, or holds a parameter that is no
 * profile, the last good ones stay.
 *
 * @throws AttributionError `InvalidConfiguration` with everything that is wrong in the options or the parameters; errors of the client when
 *   the parameters cannot be read
 */
export async function loadInferenceProfiles(options: LoadInferenceProfilesOptions): Promise<RefreshedInferenceProfiles> {
  const { client, initial } = options;
  const clients = isList(client) ? client : [client];
  const problems = [
    ...clients.length > 0 ? [] : [newProblem({ code: 'client', path: 'client', got: [], allowed: 'one client for each Region', remedy: 'give at least one' })],
    ...locate(options).problems,
    ...refreshProblems(options),
  ];
  if (problems.length > 0) throw invalid(problems);

  const value = await RefreshedValue.start<KnownInferenceProfiles>({
    subject: `the inference profiles at ${locate(options).path}`,
    initial: initial && inferenceProfiles(initial, options),
    async read(_last, abortSignal) {
      // the schema may have changed since, and with it the path
      const { path, problems: missing } = locate(options);
      if (missing.length > 0) throw invalid(missing);
      const found = await Promise.all(clients.map(each => readProfiles(each, path, abortSignal)));
      return routingTable(found.flat(), options);
    },
  }, options);
  return {
    route: (modelId, region) => value.current.route(modelId, region),
    get entries() {
      return value.current.entries;
    },
    refresh: () => value.refresh(),
  };
}

function locate(options: ComputedPath | GivenPath): { path: string; problems: Problem[] } {
  if (options.parameterPath === undefined) {
    return publishedPath('inference-profiles', options.schema.current, options.attribution, 'parameterPath');
  }
  return { path: options.parameterPath, problems: parameterPathProblems(options.parameterPath) };
}

/** The profiles below a path in the Region of a client; the path without a slash at its end is what IAM decides about. */
async function readProfiles(client: SSMClient, path: string, abortSignal: AbortSignal): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  let nextToken: string | undefined;
  do {
    const command = new GetParametersByPathCommand({ Path: path, Recursive: false, MaxResults: PAGE_SIZE, NextToken: nextToken });
    const page = await client.send(command, { abortSignal });
    found.push(...(page.Parameters ?? []).map(({ Name: name = '', Value: value = '' }) => ({ path: name, entry: jsonObject(value) ?? NO_OBJECT })));
    nextToken = page.NextToken;
  } while (nextToken !== undefined && nextToken !== '');
  if (found.length > 0) return found;
  throw invalid([newProblem({
    code: 'noProfiles',
    path,
    got: undefined,
    allowed: `at least one profile in ${await client.config.region()}`,
    remedy: 'compare the values with those of the ApplicationInferenceProfile, or leave the client of this Region out',
  })]);
}

function invalid(problems: readonly Problem[]): AttributionError {
  return new AttributionError('InvalidConfiguration', 'the source of the inference profiles', problems);
}

function isList(client: SSMClient | readonly SSMClient[]): client is readonly SSMClient[] {
  return Array.isArray(client);
}
