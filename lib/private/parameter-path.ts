import { type Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { parameterName as nameOfLevels } from '../schema/parameter-name';
import { outermostStack } from './outermost-stack';

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html (read 2026-11-21) */
const LEVELS = 15;

/** Of the 1,011 characters that AWS allows, the ARN before the name takes up to 57, in the partition and Region with the longest codes. */
const LONGEST_NAME = 1011 - 57;
const NAME = /^(\/[a-zA-Z0-9_.-]+)+$/;
const RESERVED_NAME = /^\/(aws|ssm)/i;

/** What is asked of a schema; a structure, because this folder knows nothing of the schema. */
export interface SchemaOfPath<Carrier> {
  readonly activeKeys: { readonly name: string; ridesOn(carrier: Carrier): boolean; isRequiredOn(): boolean }[];
  deprecatedNames(keyName: string): string[];
}

/** One level of a name, and where it was given. */
export interface PathPart {
  /** The property that it comes from, as a reader of an error message would write it. */
  readonly what: string;
  /** Empty when it was not given. */
  readonly value: string;
}

/** How a construct publishes itself. */
export interface PublishingOptions {
  /** Name that the user gave. */
  readonly parameterName?: string;
  /** Whether to publish at all. */
  readonly publishParameter?: boolean;
}

/** Where a construct publishes itself. */
export interface ParameterPlace {
  /** Absent when it does not, or when something is wrong. */
  readonly parameterName?: string;
  readonly problems: string[];
}

/** Values of the required keys of one carrier, in the order of the schema; a value may also be given by the name of a replaced key. */
export function requiredParts<Carrier>(schema: SchemaOfPath<Carrier>, carrier: Carrier, attribution: Record<string, string>): PathPart[] {
  return schema.activeKeys.filter(key => key.ridesOn(carrier) && key.isRequiredOn()).map(({ name }) => {
    const given = name in attribution ? name : schema.deprecatedNames(name).find(former => former in attribution) ?? name;
    return { what: `attribution.${given}`, value: attribution[given] ?? '' };
  });
}

/**
 * The name of the parameter that a construct publishes itself under, and what is wrong with it.
 *
 * A name is never computed from a value that is known at deployment only: its placeholder would end in the name.
 *
 * @param collection what is published, the second level of a computed name
 * @param parts the levels below; one that is missing has been reported where it was missed
 * @param remedy what helps when there is no legal name
 */
export function parameterPlace(
  options: PublishingOptions, collection: string, parts: PathPart[], remedy = 'give parameterName, or set publishParameter to false',
): ParameterPlace {
  const { parameterName, publishParameter = true } = options;
  if (!publishParameter) {
    return { problems: parameterName === undefined ? [] : ['parameterName is given while publishParameter is false: leave out one of the two'] };
  }
  if (parameterName !== undefined) return { parameterName, problems: parameterNameProblems(parameterName, 'choose another') };
  const unknown = parts.filter(({ value }) => Token.isUnresolved(value)).map(({ what }) => what);
  if (unknown.length > 0) {
    const because = `${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not known at synthesis`;
    return { problems: [`parameterName cannot be computed, because ${because}: ${remedy}`] };
  }
  if (parts.some(({ value }) => value === '')) return { problems: [] };
  const computed = nameOfLevels(collection, parts.map(({ value }) => value));
  return { parameterName: computed, problems: parameterNameProblems(computed, remedy) };
}

/** What is wrong with the name of a parameter, one sentence each, with what helps at the end. */
export function parameterNameProblems(name: string, remedy: string): string[] {
  if (Token.isUnresolved(name)) return [];
  const got = `parameterName is ${JSON.stringify(name)}`;
  const levels = name.split('/').length - 1;
  return [
    ...NAME.test(name) ? [] : [`${got}, but it must be a path like /company/name of ASCII letters, digits, _ . - and /; ${remedy}`],
    ...name.length <= LONGEST_NAME ? [] : [`${got}, ${name.length} characters, but SSM has room for ${LONGEST_NAME} beside the rest of the ARN; ${remedy}`],
    ...levels <= LEVELS ? [] : [`${got}, ${levels} levels, but SSM takes at most ${LEVELS}; ${remedy}`],
    ...RESERVED_NAME.test(name) ? [`${got}, but AWS keeps names that start with aws or ssm to itself; ${remedy}`] : [],
  ];
}

/** Who has which name, for each stack that is deployed by itself: two parameters of one name could not be. */
const holders = new WeakMap<Stack, Map<string, string>>();

/** Takes a parameter name for a construct, or tells who has it in the same stack or in one nested with it. */
export function claimParameterName(name: string, claimant: IConstruct): string[] {
  if (Token.isUnresolved(name)) return [];
  const stack = outermostStack(claimant);
  const names = holders.get(stack) ?? new Map<string, string>();
  holders.set(stack, names);
  const holder = names.get(name) ?? claimant.node.path;
  names.set(name, holder);
  if (holder === claimant.node.path) return [];
  return [`parameterName is ${JSON.stringify(name)}, which ${holder} has already: give one of the two another parameterName, or set its publishParameter to false`];
}
