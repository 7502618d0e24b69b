import { readFileSync } from 'node:fs';
import {
  clashingKeys, defaultBreakdown, type QueryParameters, type RenderedQuery, renderSavedQueries, renderSavedQuery, SAVED_QUERY_NAMES,
  type SavedQueryName,
} from '../../../lib/analytics/sql/saved-query-files';
import { spendKeysOf, viewKeys } from '../../../lib/analytics/sql/view-keys';
import type { AttributionSchema } from '../../../lib/schema';
import { dataFile } from '../data-files';
import { UsageError } from '../usage-error';

/** What a saved query is made for. */
export interface SavedQueryRequest {
  readonly schema: AttributionSchema;
  /** Keys that rows are broken down by. @default - team and service, or the first two keys of the schema */
  readonly by?: readonly string[];
  /** First and last UTC day. @default - the period of the query, counted back from `asOf` */
  readonly from?: string;
  readonly to?: string;
  readonly asOf: Date;
  /** Whether it asks the deployed views, where a ledger keeps totals of each day by the keys that may ride on tags. */
  readonly isDeployed?: boolean;
}

/** Every saved query, in the order in which they are shown. */
export function savedQueries(request: SavedQueryRequest): RenderedQuery[] {
  return renderSavedQueries(readQuery, parametersOf(request));
}

/**
 * One saved query.
 *
 * @throws UsageError when there is none of that name, or the schema has a key that it cannot be made with
 */
export function savedQuery(asked: string, request: SavedQueryRequest): RenderedQuery {
  const name = SAVED_QUERY_NAMES.find(known => known === asked);
  if (name === undefined) throw new UsageError(`there is no saved query ${JSON.stringify(asked)}: there are ${SAVED_QUERY_NAMES.join(', ')}`);
  const text = readQuery(name);
  const parameters = parametersOf(request);
  const clashes = clashingKeys(text, parameters.keys).map(key => JSON.stringify(key));
  if (clashes.length > 0) {
    throw new UsageError(`the saved query ${name} cannot be made for this schema: it calls a column of its own ${clashes.join(', ')}, as a key is called`);
  }
  return renderSavedQuery(name, text, parameters);
}

function readQuery(name: SavedQueryName): string {
  return readFileSync(dataFile('sql', 'queries', `${name}.sql`), 'utf8');
}

function parametersOf({ schema, by, from, to, asOf, isDeployed = false }: SavedQueryRequest): QueryParameters {
  const keys = viewKeys(schema);
  const keptKeys = spendKeysOf(keys);
  const spendKeys = [...new Set([...keptKeys, ...by ?? []])];
  return {
    keys: keys.map(key => key.name),
    spendKeys,
    breakdownKeys: by ?? defaultBreakdown(spendKeys),
    asOf: `TIMESTAMP '${asOf.toISOString().slice(0, 19).replace('T', ' ')}'`,
    dailyUsage: isDeployed && spendKeys.length === keptKeys.length ? 'usage_daily' : undefined,
    period: from === undefined || to === undefined ? undefined : { firstDay: from, lastDay: to },
  };
}
