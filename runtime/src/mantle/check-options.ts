import type { AttributionSchema, Problem } from '../../../lib/schema';
import { checkValue } from '../../../lib/schema/check-values';
import { newProblem } from '../../../lib/schema/new-problem';
import { type BedrockAuth, isSendable } from '../signing';
import { parameterNameProblems } from '../ssm/check-options';
import { publishedPath } from '../ssm/published-path';
import { type ProjectParameter, projectIdProblems } from './project-parameter';
import type { AttributionByName } from './project-tags';

/** What a project is opened by, as it was given. */
export interface OptionsToCheck {
  readonly projectId?: string;
  readonly parameter?: ProjectParameter;
  readonly region: string;
  readonly auth: BedrockAuth;
  readonly endpoint?: string;
  readonly schema?: AttributionSchema;
  readonly attribution?: AttributionByName;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
}

const MOST_ATTEMPTS = 10;
const LONGEST_SECONDS = 300;

/** Where the id of a project comes from. */
export type ProjectPlace = { readonly projectId: string } | Required<ProjectParameter>;

/** The options as they were judged before anybody is asked. */
export interface CheckedOptions {
  /** Undefined only when there are problems. */
  readonly place?: ProjectPlace;
  /** Everything that is wrong. */
  readonly problems: Problem[];
}

/** Finds out where the project comes from, and everything that is wrong with the options. */
export function checkOptions(options: OptionsToCheck): CheckedOptions {
  const { region, attempts = 1, timeoutSeconds = 1 } = options;
  const { place, problems } = placeOf(options);
  return {
    place,
    problems: [
      ...problems,
      ...unless(/^[a-z]+(-[a-z]+)+-\d+$/.test(region), 'region', region, 'the code of a Region, such as eu-west-1', 'give the Region of the project'),
      ...endpointProblems(options.endpoint),
      ...authProblems(options.auth),
      ...attributionProblems(options),
      ...unless(Number.isInteger(attempts) && attempts >= 1 && attempts <= MOST_ATTEMPTS,
        'attempts', numeral(attempts), `a whole number from 1 to ${MOST_ATTEMPTS}`, 'choose another, or leave it out'),
      ...unless(timeoutSeconds > 0 && timeoutSeconds <= LONGEST_SECONDS,
        'timeoutSeconds', numeral(timeoutSeconds), `seconds, more than 0 and up to ${LONGEST_SECONDS}`, 'choose another, or leave it out'),
    ],
  };
}

function placeOf({ projectId, parameter, schema, attribution = {} }: OptionsToCheck): CheckedOptions {
  if (parameter === undefined) {
    const problems = projectIdProblems('projectId', projectId);
    return { place: projectId === undefined ? undefined : { projectId }, problems };
  }
  if (projectId !== undefined) {
    return { problems: unless(false, 'parameter', 'both projectId and parameter', 'one of the two', 'leave out one of them') };
  }
  const { client, name } = parameter;
  if (name !== undefined) return { place: { client, name }, problems: parameterNameProblems(name, 'parameter.name') };
  if (schema === undefined) {
    const [allowed, remedy] = ['a name, unless schema and attribution are given', 'give it, or both of these'];
    return { problems: [newProblem({ code: 'parameterName', path: 'parameter.name', got: name, allowed, remedy })] };
  }
  const { path, problems } = publishedPath('projects', schema, attribution, 'parameter.name');
  return { place: { client, name: path }, problems };
}

function endpointProblems(endpoint: string | undefined): Problem[] {
  if (endpoint === undefined) return [];
  const { protocol = '', username, password, search, hash, pathname = '' }: Partial<URL> = URL.canParse(endpoint) ? new URL(endpoint) : {};
  const good = /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '' && !/\/(v1|anthropic)\/?$/.test(pathname);
  const got = endpoint.replace(/\/\/.*@/, '//…@');
  return unless(good, 'endpoint', got, 'an address like https://bedrock-mantle.eu-west-1.api.aws', 'give it without the path of an API, and without a user');
}

/** What was given is in no message: it is a secret. */
function authProblems(auth: BedrockAuth): Problem[] {
  // plain JavaScript may give none
  const { bearerToken, credentials } = Object(auth) as Partial<BedrockAuth>;
  const ways = [bearerToken, credentials].filter(way => way !== undefined).length;
  const unsendable = ways === 1 && typeof bearerToken === 'string' && !isSendable(bearerToken);
  const got = unsendable ? 'a bearerToken that no header may have' : ['neither', 'one', 'both'][ways];
  return unless(ways === 1 && !unsendable, 'auth', got, 'either bearerToken, of visible ASCII characters, or credentials', 'give one of the two');
}

/** Keys that do not ride on tags are of no account here, so that a service may give all it has. */
function attributionProblems({ schema, attribution }: OptionsToCheck): Problem[] {
  if (attribution === undefined) return [];
  if (schema === undefined) return unless(false, 'schema', schema, 'the schema of attribution', 'give it: it knows how the keys are spelled as tags');
  return Object.entries(attribution).flatMap(([name, value]) => {
    const key = schema.key(name);
    if (key !== undefined) return checkValue(key, `attribution.${name}`, value);
    const allowed = `one of ${schema.keys.map(known => known.name).join(', ')}`;
    return [newProblem({ code: 'unknownKey', path: `attribution.${name}`, got: name, allowed, remedy: 'leave it out, or add it to the schema' })];
  });
}

/** The code of a wrong option is its name. */
function unless(good: boolean, option: string, got: unknown, allowed: string, remedy: string): Problem[] {
  return good ? [] : [newProblem({ code: option, path: option, got, allowed, remedy })];
}

/** JSON has no word for what is not a number. */
function numeral(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
