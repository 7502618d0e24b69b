/** A statement of a synthesized policy, its references resolved to text. */
export interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** One thing that IAM decides about. */
export interface Authorization {
  /** A service, an account or the ARN of a role; left out where the policy belongs to the caller. */
  readonly principal?: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string>;
}

/**
 * Whether statements allow all that a call is authorized for: each is allowed by one statement and denied by none.
 *
 * Knows the condition operators that the library uses, with IAM's rule that the negated one holds for an absent key, and policy variables
 * in resources.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(statements: Statement[], authorizations: Authorization[]): boolean {
  return authorizations.every(authorization => {
    const effects = statements.filter(statement => matches(statement, authorization)).map(({ Effect }) => Effect);
    return effects.includes('Allow') && !effects.includes('Deny');
  });
}

function matches(statement: Statement, { principal, action, resource, context = {} }: Authorization): boolean {
  const conditions = Object.entries(statement.Condition ?? {})
    .flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => ({ operator, key, values })));
  return (principal === undefined || names(statement.Principal, principal))
    && texts(statement.Action).some(pattern => like(pattern, action))
    && texts(statement.Resource).some(pattern => like(pattern, resource, context))
    && conditions.every(({ operator, key, values }) => holds(operator, texts(values), context[key]));
}

/** Whether the principal of a statement stands for a caller: an account stands for everybody in it. */
function names(stated: unknown, principal: string): boolean {
  if (stated === '*') return true;
  const { Service, AWS } = stated as { Service?: unknown; AWS?: unknown };
  const accountOf = (arn: string): string => arn.split(':').at(4) ?? arn;
  return (Service !== undefined && texts(Service).includes(principal))
    || (AWS !== undefined && texts(AWS).some(arn => arn === '*' || arn === principal || (arn.endsWith(':root') && accountOf(arn) === accountOf(principal))));
}

function holds(operator: string, values: string[], found: string | undefined): boolean {
  switch (operator) {
    case 'Bool':
    case 'StringEquals': return found !== undefined && values.includes(found);
    case 'StringNotEquals': return found === undefined || !values.includes(found);
    case 'StringLike': return found !== undefined && values.some(pattern => like(pattern, found));
    case 'ArnLike': return found !== undefined && values.some(pattern => arnLike(pattern, found));
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

/** The six parts of an ARN are compared one by one: a wildcard does not reach over a colon, but in the last part. */
function arnLike(pattern: string, arn: string): boolean {
  const partsOf = (text: string): string[] => [...text.split(':').slice(0, 5), text.split(':').slice(5).join(':')];
  const parts = partsOf(arn);
  return partsOf(pattern).every((part, index) => like(part, parts[index]));
}

/** A variable without a value matches nothing. */
function like(pattern: string, text: string, context: Record<string, string> = {}): boolean {
  const escape = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const expression = pattern.split(/(\*|\?|\$\{[^}]*\})/).map(part => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (!part.startsWith('${')) return escape(part);
    return Object.hasOwn(context, part.slice(2, -1)) ? escape(context[part.slice(2, -1)]) : '(?!)';
  }).join('');
  return new RegExp(`^${expression}$`, 's').test(text);
}
