import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { holdTags, spellTags, type SpelledTags, type TagCheck } from '../private/attribution-tags';
import { throwProblems } from '../private/errors';
import { type AttributionSchema, Carrier } from '../schema';

/** Attribution as tags of a role or user, with all that is wrong with it. */
export interface PrincipalTags extends SpelledTags {
  /** Checks all tags that the role or user has in the end. */
  readonly check: TagCheck;
}

/**
 * Writes attribution as tags of a role or user.
 *
 * @param givenLater names of keys that are required and come as tags of the session
 */
export function principalTags(schema: AttributionSchema, attribution: Record<string, string>, givenLater: string[] = []): PrincipalTags {
  const later = givenLater.flatMap(name => schema.key(name)?.spelling(Carrier.PRINCIPAL_TAG) ?? []);
  const check: TagCheck = (all, unresolved) => schema
    .validatePrincipalTags({ ...Object.fromEntries(later.map(tag => [tag, ''])), ...all }, { unresolved: [...unresolved, ...later] })
    .map(problem => problem.message);
  const spelled = spellTags(schema.keys, Carrier.PRINCIPAL_TAG, attribution);
  return { ...spelled, check, problems: [...spelled.problems, ...check(spelled.tags, spelled.unresolved)] };
}

/** Tags a role or user that was made in this app. */
export function tagPrincipal(principal: IConstruct, schema: AttributionSchema, attribution: Record<string, string>): void {
  const { tags, problems, check } = principalTags(schema, attribution);
  const resource = principal.node.defaultChild;
  const isTaggable = iam.CfnRole.isCfnRole(resource) || iam.CfnUser.isCfnUser(resource);
  throwProblems('InvalidAttribution', 'the attribution of the principal', [
    ...isTaggable ? [] : ['the principal is imported, so that it cannot be tagged from here: tag it where it is made, and leave attribution out'],
    ...problems,
  ], principal);
  if (isTaggable) holdTags(principal, resource.tags, tags, check);
}
