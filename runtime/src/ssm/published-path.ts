import { type AttributionSchema, Carrier, type Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { parameterName } from '../../../lib/schema/parameter-name';

/**
 * The path under which the construct library publishes what belongs to a service: one level for each required key that rides on resource
 * tags, in the order of the schema. A value may also be given by the name of a replaced key.
 *
 * @param instead option that tells the path where the values do not
 */
export function publishedPath(
  collection: 'inference-profiles' | 'projects', schema: AttributionSchema, attribution: Readonly<Record<string, string | undefined>>, instead: string,
): { path: string; problems: Problem[] } {
  const problems: Problem[] = [];
  const levels = schema.activeKeys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG) && key.isRequiredOn()).map(({ name }) => {
    const value = [name, ...schema.deprecatedNames(name)].map(known => attribution[known]).find(given => given !== undefined && given !== '');
    if (value === undefined) {
      const [got, allowed] = [attribution[name], 'the value that the construct was given'];
      problems.push(newProblem({ code: 'missingKey', path: `attribution.${name}`, got, allowed, remedy: `add it, or give ${instead}` }));
    }
    return value ?? '';
  });
  return { path: parameterName(collection, levels), problems };
}
