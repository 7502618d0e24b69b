/**
 * Runs the part of CloudWatch Logs Insights QL that the saved queries use, by its documentation, and refuses everything else.
 *
 * There is no engine to run them on without an account. This one proves that a query is well formed by the documented grammar and counts
 * what it says, on the assumption that the service does what is documented.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export type Row = Record<string, unknown>;

/** The rows that a query answers with for the messages of a log group. */
export function runInsightsQuery(query: string, messages: readonly string[]): Row[] {
  let rows: Row[] = messages.map(message => ({ '@message': message }));
  // the documented examples and these queries have no pipe inside of texts
  for (const command of query.split('|')) rows = runCommand(command.trim(), rows);
  return rows;
}

function runCommand(command: string, rows: Row[]): Row[] {
  const parser = new Parser(command);
  const name = parser.word();
  switch (name) {
    case 'fields': {
      // what a command makes is there for the next command only
      const made = parser.list(() => parser.aliased());
      parser.end();
      return rows.map(row => ({ ...row, ...Object.fromEntries(made.map(({ alias, value }) => [alias, value(row)])) }));
    }
    case 'filter': {
      const holds = parser.condition();
      parser.end();
      return rows.filter(row => holds(row) === 1);
    }
    case 'stats': {
      const sums = parser.list(() => parser.aggregate());
      parser.keyword('by');
      const by = parser.list(() => parser.word());
      parser.end();
      const groups = new Map<string, Row[]>();
      for (const row of rows) {
        const group = JSON.stringify(by.map(field => row[field]));
        groups.set(group, [...groups.get(group) ?? [], row]);
      }
      return [...groups.values()].map(group => ({
        ...Object.fromEntries(by.map(field => [field, group[0][field]])),
        ...Object.fromEntries(sums.map(({ alias, sum }) => [alias, sum(group)])),
      }));
    }
    case 'sort': {
      const field = parser.word();
      parser.keyword('desc');
      parser.end();
      return [...rows].sort((a, b) => Number(b[field]) - Number(a[field]));
    }
    case 'limit': {
      const count = Number(parser.take(/^\d+/));
      parser.end();
      return rows.slice(0, count);
    }
    default: throw new Error(`no command ${name}`);
  }
}

type Expression = (row: Row) => unknown;

class Parser {
  private rest: string;

  public constructor(private readonly text: string) {
    this.rest = text;
  }

  public take(pattern: RegExp): string {
    const found = this.maybe(pattern);
    if (found === undefined) throw new Error(`expected ${pattern} at ${JSON.stringify(this.rest)} of ${this.text}`);
    return found;
  }

  public end(): void {
    if (this.rest !== '') throw new Error(`left over: ${this.rest}`);
  }

  public word(): string {
    return this.take(/^[A-Za-z_][A-Za-z0-9_]*/);
  }

  public keyword(word: string): void {
    this.take(new RegExp(`^${word}\\b`));
  }

  public list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.maybe(/^,/) !== undefined) items.push(item());
    return items;
  }

  public aliased(): { alias: string; value: Expression } {
    const value = this.product();
    this.keyword('as');
    return { alias: this.word(), value };
  }

  public aggregate(): { alias: string; sum: (rows: Row[]) => number } {
    const name = this.take(/^(count\(\*\)|sum\()/);
    const field = name === 'sum(' ? this.word() : undefined;
    if (field !== undefined) this.take(/^\)/);
    this.keyword('as');
    return { alias: this.word(), sum: rows => field === undefined ? rows.length : rows.reduce((sum, row) => sum + numeric(row[field]), 0) };
  }

  public condition(): (row: Row) => number {
    const left = this.comparison();
    if (this.maybe(/^or\b/) === undefined) return left;
    const right = this.condition();
    return row => Math.max(left(row), right(row));
  }

  private comparison(): (row: Row) => number {
    const left = this.product();
    this.take(/^=/);
    const right = this.product();
    return row => left(row) === right(row) ? 1 : 0;
  }

  private product(): Expression {
    const left = this.primary();
    const operator = this.maybe(/^[*-]/);
    if (operator === undefined) return left;
    const right = this.primary();
    return row => operator === '*' ? numeric(left(row)) * numeric(right(row)) : numeric(left(row)) - numeric(right(row));
  }

  private primary(): Expression {
    const text = this.maybe(/^"[^"\\]*"/);
    if (text !== undefined) return () => text.slice(1, -1);
    const number = this.maybe(/^\d+/);
    if (number !== undefined) return () => Number(number);
    const call = this.maybe(/^[A-Za-z]+\(/);
    if (call !== undefined) return this.call(call.slice(0, -1));
    return this.path();
  }

  private call(name: string): Expression {
    const args = this.list(() => this.product());
    this.take(/^\)/);
    switch (name) {
      case 'coalesce': return row => args.map(arg => arg(row)).find(value => value !== undefined && value !== null);
      case 'isempty': return row => [undefined, null, ''].includes(args[0](row) as string) ? 1 : 0;
      case 'jsonParse': return row => parseJson(args[0](row));
      default: throw new Error(`no function ${name}`);
    }
  }

  /** Letters and digits, or anything else in backticks, joined by dots; an alias made by a command before may have underscores. */
  private path(): Expression {
    const names = [this.take(/^(@message|[A-Za-z_][A-Za-z0-9_]*)/)];
    while (this.maybe(/^\./) !== undefined) names.push(this.take(/^([A-Za-z][A-Za-z0-9]*|`[^`]+`)/).replaceAll('`', ''));
    return row => names.reduce<unknown>((map, name) => isMap(map) ? map[name] : undefined, row);
  }

  private maybe(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.rest)?.[0];
    if (found !== undefined) this.rest = this.rest.slice(found.length).trimStart();
    return found;
  }
}

function isMap(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

function numeric(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`no number: ${JSON.stringify(value)}`);
  return value;
}
