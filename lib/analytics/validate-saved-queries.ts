import { Token } from 'aws-cdk-lib';

/** A query on its way to Athena. */
export interface QueryToSave {
  readonly name: string;
  readonly sql: string;
  readonly description?: string;
  /** Keys of the schema that are called like something that the query itself names. */
  readonly clashes?: readonly string[];
}

/**
 * Limits of Athena, in characters, and in bytes for the statement.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateNamedQuery.html
 */
const LIMITS = { name: 128, description: 1024, sqlBytes: 262_144 } as const;

/** What is wrong with the keys that were asked for, one sentence each. */
export function keyProblems(schemaKeys: readonly string[], spendKeys: readonly string[], breakdownKeys: readonly string[]): string[] {
  return [
    ...listProblems('spendKeys', spendKeys, 'the schema', schemaKeys),
    ...listProblems('breakdownKeys', breakdownKeys, 'spendKeys', spendKeys),
  ];
}

function listProblems(prop: string, names: readonly string[], ofWhat: string, allowed: readonly string[]): string[] {
  return [
    ...names.filter(name => !allowed.includes(name))
      .map(name => `${prop} has ${JSON.stringify(name)}: use keys of ${ofWhat}, which has ${allowed.join(', ') || 'none'}`),
    ...repeated(names).map(name => `${prop} has ${JSON.stringify(name)} twice: leave one of them out`),
  ];
}

/** What is wrong with the queries, one sentence each. */
export function queryProblems(namePrefix: string, queries: readonly QueryToSave[]): string[] {
  return [
    ...queries.length > 0 ? [] : ['queries is empty: name one at least, or leave the construct out'],
    ...repeated(queries.map(({ name }) => name)).map(name => `the name ${JSON.stringify(name)} is that of two queries: rename one of them`),
    ...queries.flatMap(query => [...nameProblems(namePrefix, query.name), ...textProblems(query)]),
  ];
}

function nameProblems(namePrefix: string, name: string): string[] {
  // the name becomes a construct id
  if (Token.isUnresolved(name)) return ['the name of a query is a token: give one that is known at synthesis'];
  if (name === '' || name.includes('/')) return [`the name of a query is ${JSON.stringify(name)}: use at least one character, and no "/"`];
  const { length } = `${namePrefix}${name}`;
  return Token.isUnresolved(namePrefix) || length <= LIMITS.name ? [] : [
    `the name ${JSON.stringify(`${namePrefix}${name}`)} has ${length} characters: shorten it or namePrefix, ${LIMITS.name} are allowed`,
  ];
}

function textProblems({ name, sql, description = 'default', clashes = [] }: QueryToSave): string[] {
  const problems = clashes.map(key => `the query ${JSON.stringify(name)} calls a column of its own ${JSON.stringify(key)}, as a key of the schema is called: leave the query out`);
  const bytes = Buffer.byteLength(sql, 'utf8');
  if (!Token.isUnresolved(sql) && (sql.trim() === '' || bytes > LIMITS.sqlBytes)) {
    problems.push(`the query ${JSON.stringify(name)} has ${bytes} bytes: use 1 to ${LIMITS.sqlBytes}`);
  }
  if (!Token.isUnresolved(description) && (description === '' || description.length > LIMITS.description)) {
    problems.push(`the description of the query ${JSON.stringify(name)} has ${description.length} characters: use 1 to ${LIMITS.description}, or leave it out`);
  }
  return problems;
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
