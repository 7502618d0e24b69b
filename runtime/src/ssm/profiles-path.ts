import { type AttributionSchema, Carrier, type Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { parameterName } from '../../../lib/schema/parameter-name';

/**
 * The path under which `ApplicationInferenceProfile` publishes the profiles of a service: one level for each required key that rides on
 * resource tags, in the order of the schema. A value may also be given by the name of a replaced key.
 */
export function profilesPath(
  schema: AttributionSchema, attribution: Readonly<Record<string, string | undefined>>,
): { path: string; problems: Problem[] } {
  const problems: Problem[] = [];
  const levels = schema.activeKeys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG) && key.isRequiredOn()).map(({ name }) => {
    const value = [name, ...schema.deprecatedNames(name)].map(known => attribution[known]).find(given => given !== undefined && given !== '');
    if (value === undefined) {
      problems.push(newProblem({
        code: 'missingKey',
        path: `attribution.${name}`,
        got: attribution[name],
        allowed: 'the value that the profiles of the service are tagged with',
        remedy: 'add it, or give parameterPath',
      }));
    }
    return value ?? '';
  });
  return { path: parameterName('inference-profiles', levels), problems };
}
