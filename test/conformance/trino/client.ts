/** A column of an answer, with its type as Trino writes it. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** The answer to a query. */
export interface Answer {
  readonly columns: readonly Column[];
  /** Values as plain JavaScript, in the same form as those of the embedded engine. */
  readonly rows: Record<string, unknown>[];
  /** Bytes that were read from files. */
  readonly bytesRead: number;
  readonly elapsedMs: number;
}

interface Page {
  readonly nextUri?: string;
  readonly columns?: readonly Column[];
  readonly data?: unknown[][];
  readonly stats: { readonly physicalInputBytes: number; readonly elapsedTimeMillis: number };
  readonly error?: { readonly message: string; readonly errorName: string };
}

/** What Trino says of a query that it cannot run. */
export class TrinoError extends Error {
  constructor(
    /** Such as `VIEW_IS_STALE`. */
    public readonly errorName: string, message: string, sql: string,
  ) {
    super(`${errorName}: ${message}\n${sql}`);
  }
}

/**
 * Runs queries on a Trino server.
 *
 * @see https://trino.io/docs/current/develop/client-protocol.html
 */
export class TrinoClient {
  constructor(
    private readonly url: string,
    /** Where tables are looked for that are named without a database. */
    private readonly database = 'default',
    private readonly catalog = 'awsdatacatalog',
  ) {}

  /** Runs a statement and waits for all of its rows. */
  public async query(sql: string): Promise<Answer> {
    const headers = { 'X-Trino-User': 'conformance', 'X-Trino-Catalog': this.catalog, 'X-Trino-Schema': this.database, 'X-Trino-Time-Zone': 'UTC', 'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME' };
    let page = await this.request(`${this.url}/v1/statement`, { method: 'POST', body: sql, headers });
    let { columns } = page;
    const data: unknown[][] = [];
    for (;;) {
      if (page.error) throw new TrinoError(page.error.errorName, page.error.message, sql);
      columns ??= page.columns;
      data.push(...page.data ?? []);
      if (page.nextUri === undefined) break;
      page = await this.request(page.nextUri, { headers });
    }
    const named = (columns ?? []).map(({ name, type }) => ({ name, type }));
    return {
      columns: named,
      rows: data.map(row => Object.fromEntries(row.map((value, index) => [named[index].name, plain(value, named[index].type)]))),
      bytesRead: page.stats.physicalInputBytes,
      elapsedMs: page.stats.elapsedTimeMillis,
    };
  }

  /** Only the rows of a query. */
  public async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.query(sql)).rows;
  }

  private async request(url: string, init: RequestInit): Promise<Page> {
    const response = await fetch(url, init);
    if (!response.ok) throw new Error(`the Trino server answers with ${response.status}: ${await response.text()}`);
    return await response.json() as Page;
  }
}

/** A value in the form that the embedded engine gives it: numbers as numbers, days as `YYYY-MM-DD`, instants in ISO 8601 and UTC. */
function plain(value: unknown, type: string): unknown {
  if (typeof value !== 'string') return value;
  if (/^(decimal|double|real)\b/.test(type)) return Number(value);
  if (/^timestamp\(\d+\)$/.test(type)) return new Date(`${value.slice(0, 23).replace(' ', 'T')}Z`).toISOString();
  if (type.endsWith('with time zone')) return new Date(value.replace(' UTC', 'Z').replace(' ', 'T')).toISOString();
  return value;
}
