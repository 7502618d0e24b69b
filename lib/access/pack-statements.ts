import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { isFarBelow, policyCharacters } from '../private/policy-size';

/** How much fits. */
export interface PackLimits {
  /** Most characters of one document. */
  readonly limit: number;

  /** Most documents. */
  readonly most: number;

  /** What to change where it does not fit. */
  readonly remedy: string;
}

/** Characters of a document without statements. */
const ENVELOPE = JSON.stringify({ Statement: [], Version: '2012-10-17' }).length;

/** What to do about controls that do not fit: it is keys and lists of values that make them large. */
export const FEWER_CONTROLS = 'compare fewer keys (comparedKeys), list fewer allowedValues in the schema or give a pattern in their place, set denyUnlistedValues to false, or switch controls off';

/** What to do about permissions that do not fit. */
export const FEWER_TARGETS = 'use InvocationTarget.matchingTags(), which takes the same room for any number of profiles and projects, or list fewer allowedValues in the schema';

/**
 * Packs statements into as few documents as hold them, in order, so that the same statements always make the same documents.
 *
 * Throws where a statement is too large for any document, or where there are too many documents.
 */
export function packStatements(
  scope: IConstruct, statements: iam.PolicyStatement[], { limit, most, remedy }: PackLimits,
): iam.PolicyDocument[] {
  const whole = new iam.PolicyDocument({ statements });
  if (isFarBelow(limit, whole)) return [whole];

  const measured = statements.map(statement => ({ statement, characters: statementCharacters(scope, statement) }));
  const documents: iam.PolicyStatement[][] = [];
  let room = 0;
  for (const { statement, characters } of measured) {
    if (characters > room) {
      documents.push([]);
      room = limit - ENVELOPE;
    }
    documents[documents.length - 1].push(statement);
    room -= characters + 1;
  }

  const tooLarge = measured.filter(({ characters }) => characters > limit - ENVELOPE);
  const total = ENVELOPE + measured.reduce((sum, { characters }) => sum + characters + 1, 0);
  throwProblems('PolicyTooLarge', 'the policy', [
    ...tooLarge.map(({ statement, characters }) => (
      `the statement ${statement.sid ?? ''} has ${characters} characters, and a policy may have ${limit}: ${remedy}`
    )),
    ...tooLarge.length === 0 && documents.length > most ? [
      `its ${statements.length} statements have ${total} characters, and ${most === 1 ? 'it' : `each of ${most} policies`} may have ${limit}: ${remedy}`,
    ] : [],
  ], scope);
  return documents.map(packed => new iam.PolicyDocument({ statements: packed }));
}

function statementCharacters(scope: IConstruct, statement: iam.PolicyStatement): number {
  return policyCharacters(scope, new iam.PolicyDocument({ statements: [statement] })) - ENVELOPE;
}
