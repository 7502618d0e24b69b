import { ModelAliases } from './model-aliases';

/** One name of a model, as the table `model_aliases` has it. */
interface AliasRow {
  readonly kind: string;
  readonly alias: string;
  readonly model: string;
}

/**
 * An alias file with the aliases of another one in place of those for the same names.
 *
 * @param shipped the JSON of the file below
 * @param given the JSON of the file on top
 * @throws PriceBookError when one of them is no alias file
 */
export function withAliases(shipped: string, given: string): string {
  const onTop = rowsOf(given);
  const names = new Set(onTop.map(nameOf));
  return JSON.stringify({ entries: [...rowsOf(shipped).filter(row => !names.has(nameOf(row))), ...onTop] });
}

/**
 * The rows of the table `model_aliases`, one JSON object a line. The alias is in lower case: the views compare it with names in lower case.
 *
 * @param text the JSON of an alias file
 */
export function aliasTable(text: string): string {
  return rowsOf(text).map(({ kind, alias, model }) => `${JSON.stringify({ kind, alias: alias.toLowerCase(), model })}\n`).join('');
}

function rowsOf(text: string): AliasRow[] {
  const ndjson = ModelAliases.fromJson(text).toNdjson();
  return ndjson.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as AliasRow);
}

function nameOf({ kind, alias }: AliasRow): string {
  return `${kind}:${alias.toLowerCase()}`;
}
