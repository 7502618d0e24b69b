import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * What is wrong when two constructs have to be in one account and Region, one sentence for each that differs. What is known only at
 * deployment counts as the same.
 *
 * @param what the first construct, as a noun with its article
 * @param one where it is
 * @param other the second construct, as a noun with its article
 * @param here where that one is
 * @param advice why, and what to change, up to the word for the part: `…, so put the store in the same`
 */
export function samePlaceProblems(what: string, one: IConstruct, other: string, here: IConstruct, advice: string): string[] {
  const [there, place] = [Stack.of(one), Stack.of(here)];
  return (['account', 'region'] as const)
    .filter(part => !Token.isUnresolved(there[part]) && !Token.isUnresolved(place[part]) && there[part] !== place[part])
    .map(part => `${what} is in ${part} ${JSON.stringify(there[part])} and ${other} in ${JSON.stringify(place[part])}; ${advice} ${part}`);
}
