import { isFields, parseObject } from './parse-price-file';
import { PriceBookError } from './price-book-error';

const KINDS = ['log_model_id', 'usage_type', 'product_name', 'product_model'];

/** One name of a model, as the data file spells it. */
interface AliasRow {
  readonly kind: string;
  readonly alias: string;
  readonly model: string;
}

/**
 * The names that logs and bills use for a model, each with the Bedrock model id that it stands for.
 *
 * Letter case is ignored: the same model is spelled `Qwen3-32B` and `qwen3-32b`.
 */
export class ModelAliases {
  /**
   * Reads the shipped aliases, or a file of the same format: an object with a list `entries` of `kind`, `alias` and `model`.
   *
   * @param text the file's JSON
   */
  public static fromJson(text: string): ModelAliases {
    const { entries } = parseObject(text, 'the alias file', 'a list named entries');
    if (!Array.isArray(entries)) throw new PriceBookError('the alias file', [`entries is ${JSON.stringify(entries ?? null)}, allowed is a list`]);
    const problems = entries.flatMap((row: unknown, index) => problemsOf(row, `entries[${index}]`));
    if (problems.length === 0) problems.push(...duplicatesAmong(entries as AliasRow[]));
    if (problems.length > 0) throw new PriceBookError('the alias file', problems);
    return new ModelAliases((entries as AliasRow[]).map(({ kind, alias, model }) => ({ kind, alias: alias.toLowerCase(), model })));
  }

  private readonly models: Map<string, string>;

  private constructor(private readonly rows: AliasRow[]) {
    this.models = new Map(rows.map(({ kind, alias, model }) => [keyOf(kind, alias), model]));
  }

  /**
   * The model that a name stands for, or undefined when the name is not known.
   *
   * @param kind `log_model_id`, `usage_type`, `product_name` or `product_model`
   * @param alias the name, in any letter case
   */
  public resolve(kind: string, alias: string): string | undefined {
    return this.models.get(keyOf(kind, alias));
  }

  /**
   * These names with others on top, which stand in place of those for the same name and kind.
   *
   * @param overrides the names to lay on top
   */
  public withOverrides(overrides: ModelAliases): ModelAliases {
    const kept = this.rows.filter(({ kind, alias }) => overrides.resolve(kind, alias) === undefined);
    return new ModelAliases([...kept, ...overrides.rows]);
  }

  /**
   * The rows of the SQL table `model_aliases`, one JSON object a line: `kind, alias, model`. Aliases are in lower case: the views compare
   * them with names in lower case.
   */
  public toNdjson(): string {
    return this.rows.map(row => `${JSON.stringify(row)}\n`).join('');
  }
}

function keyOf(kind: string, alias: string): string {
  return `${kind}:${alias.toLowerCase()}`;
}

function duplicatesAmong(rows: AliasRow[]): string[] {
  const first = new Map<string, number>();
  return rows.flatMap(({ kind, alias }, index) => {
    const earlier = first.get(keyOf(kind, alias));
    if (earlier === undefined) first.set(keyOf(kind, alias), index);
    return earlier === undefined ? [] : [`entries[${index}] names ${JSON.stringify(alias)} again, as entries[${earlier}] does: remove one of them`];
  });
}

function problemsOf(row: unknown, where: string): string[] {
  if (!isFields(row)) return [`${where} is ${JSON.stringify(row)}, allowed is an object`];
  const problems: string[] = [];
  if (!KINDS.some(kind => kind === row.kind)) problems.push(`${where}: kind is ${JSON.stringify(row.kind ?? null)}, allowed is one of ${KINDS.join(', ')}`);
  for (const name of ['alias', 'model'] as const) {
    const value = row[name];
    if (typeof value !== 'string' || value === '') problems.push(`${where}: ${name} is ${JSON.stringify(value ?? null)}, allowed is a non-empty text`);
  }
  return problems;
}
