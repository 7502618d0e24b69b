/** A statement of a synthesized policy, its references resolved to text. */
export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** One thing that IAM decides about. */
export interface Authorization {
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string>;
}

/**
 * Whether statements allow all that a call is authorized for: each is allowed by one statement and denied by none.
 *
 * Knows the two condition operators that the library uses, with IAM's rule that the negated one holds for an absent key.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(statements: Statement[], authorizations: Authorization[]): boolean {
  return authorizations.every(authorization => {
    const effects = statements.filter(statement => matches(statement, authorization)).map(({ Effect }) => Effect);
    return effects.includes('Allow') && !effects.includes('Deny');
  });
}

function matches({ Action, Resource, Condition = {} }: Statement, { action, resource, context = {} }: Authorization): boolean {
  const conditions = Object.entries(Condition)
    .flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => ({ operator, key, values })));
  return texts(Action).some(pattern => like(pattern, action))
    && texts(Resource).some(pattern => like(pattern, resource))
    && conditions.every(({ operator, key, values }) => holds(operator, texts(values), context[key]));
}

function holds(operator: string, values: string[], found: string | undefined): boolean {
  switch (operator) {
    case 'StringEquals': return found !== undefined && values.includes(found);
    case 'StringNotEquals': return found === undefined || !values.includes(found);
    default: throw new RangeError(`the condition operator ${operator} is not known here`);
  }
}

/** One or several texts, as IAM takes them, with references in a form that can be compared. */
function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(flatten);
}

function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('Fn::Join' in value) return (value['Fn::Join'] as [string, unknown[]])[1].map(flatten).join('');
  return 'Ref' in value && value.Ref === 'AWS::Partition' ? 'aws' : JSON.stringify(value);
}

function like(pattern: string, text: string): boolean {
  const expression = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(`^${expression}$`).test(text);
}
