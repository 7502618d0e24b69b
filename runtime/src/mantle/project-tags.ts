import { type AttributionSchema, Carrier, type Problem, TagMatch } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';

/** Values by the names of keys. */
export type AttributionByName = Readonly<Record<string, string>>;

const TAG = Carrier.RESOURCE_TAG;

/**
 * How the tags of a project contradict the schema, or the attribution that its calls are to have.
 *
 * @param tags all tags of the project; those that are none of the schema's say nothing
 */
export function tagProblems(schema: AttributionSchema, attribution: AttributionByName, tags: Readonly<Record<string, string>>): Problem[] {
  const keys = schema.keys.filter(key => key.ridesOn(TAG));
  const known = Object.entries(tags).filter(([tag]) => keys.some(key => key.match(TAG, tag) !== TagMatch.NONE));
  const found = schema.validateResourceTags(Object.fromEntries(known));
  const reported = new Set(found.map(({ path }) => path));
  const contradicting = Object.entries(attribution).flatMap(([name, value]) => contradiction(schema, name, value, known));
  return [...found, ...contradicting.filter(({ path }) => !reported.has(path))];
}

/** What the project says of one key, under whatever name it has or had, when it says something else. */
function contradiction(schema: AttributionSchema, name: string, value: string, tags: (readonly [string, string])[]): Problem[] {
  const key = schema.key(name);
  if (key?.ridesOn(TAG) !== true) return [];
  const names = [name, ...schema.deprecatedNames(name), ...key.deprecatedInFavourOf === undefined ? [] : [key.deprecatedInFavourOf]];
  const accepted = names.flatMap(known => schema.key(known) ?? []);
  const [tag, got] = tags.find(([candidate]) => accepted.some(known => known.match(TAG, candidate) !== TagMatch.NONE)) ?? [];
  if (got === value) return [];
  return [newProblem({
    code: 'anotherAttribution',
    path: `${TAG}.${tag ?? key.spelling(TAG)}`,
    got: key.personal && got !== undefined ? 'a personal value' : got,
    allowed: key.personal ? `the value of attribution.${name}` : `${JSON.stringify(value)}, as attribution.${name} says`,
    remedy: 'name the project of this service, or correct its tags',
  })];
}
