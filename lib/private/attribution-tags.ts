import { type TagManager, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What is asked of an attribution key; a structure, because this folder knows nothing of the schema. */
export interface SpellableKey<Carrier> {
  readonly name: string;
  ridesOn(carrier: Carrier): boolean;
  spelling(carrier: Carrier): string;
}

/** Attribution as tags of one carrier. */
export interface SpelledTags {
  readonly tags: Record<string, string>;
  /** Tag keys whose value is not known at synthesis. */
  readonly unresolved: string[];
  readonly problems: string[];
}

/**
 * Priority of attribution tags, above the 100 of `Tags.of()` and the 200 of its `remove()`: a tag that somebody puts on a whole stack must
 * not change whom a profile or role is billed to.
 */
const PRIORITY = 1000;

/** Writes attribution, given by key name, as the tags of a carrier. */
export function spellTags<Carrier extends string>(
  keys: SpellableKey<Carrier>[], carrier: Carrier, attribution: Record<string, string>,
): SpelledTags {
  const tags: Record<string, string> = {};
  const problems: string[] = [];
  const names = keys.filter(key => key.ridesOn(carrier)).map(key => key.name);
  const remedy = names.length === 0 ? 'change the schema' : `use ${names.join(', ')}, or change the schema`;
  for (const [name, value] of Object.entries(attribution)) {
    const key = keys.find(candidate => candidate.name === name);
    if (key?.ridesOn(carrier) === true) {
      tags[key.spelling(carrier)] = value;
    } else {
      const why = key === undefined ? 'the schema does not know' : `does not ride on ${carrier}`;
      problems.push(`attribution has the key ${JSON.stringify(name)}, which ${why}: ${remedy}`);
    }
  }
  return { tags, problems, unresolved: unresolvedTags(tags) };
}

/** Keys of the tags whose value is not known at synthesis. */
function unresolvedTags(tags: Record<string, string>): string[] {
  return Object.keys(tags).filter(key => Token.isUnresolved(tags[key]));
}

/** What is wrong with tags, of which some have values that are not known yet. */
export type TagCheck = (tags: Record<string, string>, unresolved: string[]) => string[];

/**
 * Puts attribution tags, which have been checked, on the resource of a construct so that no other tag can take their place, and checks
 * them again at synthesis along with those of the stack or app: these arrive later, and one that differs in case only would split the bill.
 */
export function holdTags(construct: IConstruct, manager: TagManager, tags: Record<string, string>, check: TagCheck): void {
  for (const [key, value] of Object.entries(tags)) manager.setTag(key, value, PRIORITY);
  construct.node.addValidation({
    validate: () => {
      const all = manager.tagValues();
      // without other tags there is nothing new to find, and a fleet has thousands of these
      const others = Object.keys(all).some(key => all[key] !== tags[key]);
      return others ? check(all, unresolvedTags(all)) : [];
    },
  });
}
