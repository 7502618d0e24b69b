import type { Row } from '../engine/engine';
import { isDay } from '../is-day';
import type { Sources } from '../sources/sources';
import { UsageError } from '../usage-error';
import type { Coverage, CoverageStatus, ReasonUsd, Report, ReportDetails, ReportGroup, ReportTotals } from './report-contract';
import { REMAINDER_REASONS } from './report-contract';

/** What a report is asked for. */
export interface ReportQuestion {
  /** Keys of the groups, at least one. */
  readonly by: readonly string[];
  /** First UTC day, `YYYY-MM-DD`, inclusive. */
  readonly from?: string;
  /** Last UTC day, `YYYY-MM-DD`, inclusive. */
  readonly to?: string;
  readonly asOf: Date;
}

/** Puts the report together from the views. */
export async function buildReport(sources: Sources, question: ReportQuestion): Promise<{ report: Report; details: ReportDetails }> {
  const { hasLogs, hasBill, engine } = sources;
  checkPeriod(question);
  const within = period(question);
  const only = async (sql: string): Promise<Row> => (await engine.rows(sql))[0];
  const span = await only(`SELECT cast(min(day) AS varchar) AS first_day, cast(max(day) AS varchar) AS last_day FROM (
    SELECT usage_date AS day FROM invocation_records WHERE ${within} UNION ALL SELECT usage_date FROM billed_usage WHERE ${within})`);
  await sumCalls(sources, question.by, within);
  const groups = await readGroups(sources, question.by, within);
  const calls = await only(`SELECT
      count(*) AS requests,
      count_if(record_status = 'failed') AS failed_requests,
      count_if(record_status = 'blocked') AS blocked_requests,
      count_if(record_status = 'partial') AS partial_requests,
      coalesce(sum(record_count - 1), 0) AS duplicate_records,
      coalesce(sum(input_tokens), 0) AS input_tokens,
      coalesce(sum(output_tokens), 0) AS output_tokens,
      coalesce(sum(cache_read_tokens), 0) AS cache_read_tokens,
      coalesce(sum(cache_write_tokens), 0) AS cache_write_tokens,
      count_if(coalesce(cardinality(request_metadata), 0) = 0) AS no_metadata
    FROM invocation_records WHERE ${within}`);
  const estimate = await only('SELECT sum(estimated_usd) AS usd, sum(priced) AS priced, sum(unpriced) AS unpriced FROM calls_by_day');
  const bill = await only(`SELECT coalesce(sum(billed_usd), 0) AS billed, coalesce(sum(adjustments_usd), 0) AS adjustments,
      count_if(has_tag_conflict) AS conflicts FROM billed_usage WHERE ${within}`);
  const known = groups.filter(group => question.by.every(key => group.keys[key] !== null));
  const unknown = groups.filter(group => !known.includes(group));
  const totals: ReportTotals = {
    requests: number(calls.requests),
    failed_requests: number(calls.failed_requests),
    blocked_requests: number(calls.blocked_requests),
    partial_requests: number(calls.partial_requests),
    duplicate_records: number(calls.duplicate_records),
    malformed_lines: sources.logs.malformedLines,
    input_tokens: number(calls.input_tokens),
    output_tokens: number(calls.output_tokens),
    cache_read_tokens: number(calls.cache_read_tokens),
    cache_write_tokens: number(calls.cache_write_tokens),
    estimated_usd: hasLogs ? estimated(estimate.usd, estimate) : null,
    unpriced_requests: number(estimate.unpriced),
    billed_usd: hasBill ? number(bill.billed) : null,
    attributed_usd: hasBill ? sum(known) : null,
    unattributed_usd: hasBill ? sum(unknown) : null,
    adjustments_usd: hasBill ? number(bill.adjustments) : null,
  };
  const report: Report = {
    period: { from: question.from ?? text(span.first_day), to: question.to ?? text(span.last_day) },
    by: question.by,
    as_of: question.asOf.toISOString(),
    totals,
    groups,
    unattributed: hasBill ? await readReasons(sources, question.by, within) : [],
    coverage: await readCoverage(sources, within),
    quality: {
      no_metadata: number(calls.no_metadata),
      schema_violations: await count(sources, `SELECT count(DISTINCT bedrock_request_id) AS n FROM schema_violations WHERE ${within}`),
      forged_claims: sources.knowsEnforced
        ? await count(sources, `SELECT count(DISTINCT bedrock_request_id) AS n FROM forged_claims WHERE ${within}`) : null,
      tag_conflicts: number(bill.conflicts),
      tag_spelling_variants: await readTagVariants(sources),
      unmapped_models: await readUnmappedModels(sources, within),
      malformed: sources.logs.malformed,
    },
  };
  return { report, details: await readDetails(sources, question.by, within) };
}

/**
 * Fails before anything is read when the period cannot be one.
 *
 * @throws UsageError for days that do not exist, or an end before the beginning
 */
export function checkPeriod({ from, to }: Pick<ReportQuestion, 'from' | 'to'>): void {
  for (const day of [from, to]) {
    if (day !== undefined && !isDay(day)) throw new UsageError(`${JSON.stringify(day)} is no day: give it as YYYY-MM-DD`);
  }
  if (from !== undefined && to !== undefined && from > to) throw new UsageError(`the period ends before it begins: --from ${from} --to ${to}`);
}

/** A condition on `usage_date`; calls without a readable time belong to no period, and so to a report over all of them only. */
function period({ from, to }: ReportQuestion): string {
  const bounds = [...from ? [`usage_date >= DATE '${from}'`] : [], ...to ? [`usage_date <= DATE '${to}'`] : []];
  return bounds.length > 0 ? bounds.join(' AND ') : 'true';
}

/** Calls are priced once; everything that a report says of their estimates is summed from here. */
async function sumCalls({ engine }: Sources, by: readonly string[], within: string): Promise<void> {
  const keys = by.join(', ');
  await engine.run(`CREATE OR REPLACE TEMP TABLE calls_by_day AS
    SELECT usage_date, ${keys}, count(*) AS requests, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
      sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_tokens) AS cache_write_tokens, sum(estimated_usd) AS estimated_usd,
      count_if(price_status = 'priced') AS priced, count_if(price_status = 'unpriced') AS unpriced
    FROM invocation_costs WHERE ${within} GROUP BY usage_date, ${keys}`);
}

/** Requests and tokens go by what the records declare, dollars by how the bill was divided. */
async function readGroups({ engine, hasLogs, hasBill }: Sources, by: readonly string[], within: string): Promise<ReportGroup[]> {
  const keys = by.join(', ');
  const allKnown = by.map(key => `${key} IS NOT NULL`).join(' AND ');
  const allEnforced = by.map(key => `${key}_assurance = 'enforced'`).join(' AND ');
  const rows = await engine.rows(`
    SELECT ${keys}, sum(requests) AS requests, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
      sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_tokens) AS cache_write_tokens, sum(estimated_usd) AS estimated_usd,
      sum(priced) AS priced, sum(unpriced) AS unpriced,
      sum(billed_usd) AS billed_usd, sum(enforced_usd) AS enforced_usd, sum(declared_usd) AS declared_usd
    FROM (
      SELECT * EXCLUDE (usage_date), 0e0 AS billed_usd, 0e0 AS enforced_usd, 0e0 AS declared_usd FROM calls_by_day
      ${hasBill ? `UNION ALL
      SELECT ${keys}, 0, 0, 0, 0, 0, NULL, 0, 0, sum(billed_usd),
        sum(CASE WHEN ${allEnforced} THEN billed_usd ELSE 0e0 END),
        sum(CASE WHEN (${allKnown}) AND NOT (${allEnforced}) THEN billed_usd ELSE 0e0 END)
      FROM attributed_spend WHERE ${within} GROUP BY ${keys}` : ''}
    )
    GROUP BY ${keys}
    ORDER BY billed_usd DESC, estimated_usd DESC NULLS LAST, ${by.map(key => `${key} NULLS LAST`).join(', ')}`);
  return rows.map(row => ({
    keys: pick(row, by),
    requests: number(row.requests),
    input_tokens: number(row.input_tokens),
    output_tokens: number(row.output_tokens),
    cache_read_tokens: number(row.cache_read_tokens),
    cache_write_tokens: number(row.cache_write_tokens),
    estimated_usd: hasLogs ? estimated(row.estimated_usd, row) : null,
    billed_usd: hasBill ? number(row.billed_usd) : null,
    enforced_usd: hasBill ? number(row.enforced_usd) : null,
    declared_usd: hasBill ? number(row.declared_usd) : null,
  }));
}

async function readReasons({ engine }: Sources, by: readonly string[], within: string): Promise<ReasonUsd[]> {
  const rows = await engine.rows(`SELECT reason, sum(billed_usd) AS usd FROM attributed_spend
    WHERE ${within} AND (${by.map(key => `${key} IS NULL`).join(' OR ')}) GROUP BY reason`);
  const dollars = new Map(rows.map(row => [row.reason, number(row.usd)]));
  return REMAINDER_REASONS.filter(reason => dollars.has(reason)).map(reason => ({ reason, usd: dollars.get(reason) ?? 0 }));
}

async function readCoverage({ engine, hasBill }: Sources, within: string): Promise<Coverage[]> {
  const rows = await engine.rows(`SELECT account_id, region, sum(logged_requests) AS logged_requests, sum(billed_usd) AS billed_usd,
      count_if(runtime_token_usd <> 0) AS billed_days, count_if(status = 'silent') AS silent_days,
      sum(CASE WHEN status = 'silent' THEN runtime_token_usd ELSE 0e0 END) AS silent_usd
    FROM logging_coverage WHERE ${within} GROUP BY account_id, region ORDER BY account_id, region`);
  return rows.map(row => ({
    account_id: text(row.account_id),
    region: text(row.region),
    status: hasBill ? coverageStatus(number(row.billed_days), number(row.silent_days)) : 'logged',
    logged_requests: number(row.logged_requests),
    billed_usd: hasBill ? number(row.billed_usd) : null,
    silent_days: hasBill ? number(row.silent_days) : null,
    silent_usd: hasBill ? number(row.silent_usd) : null,
  }));
}

function coverageStatus(billedDays: number, silentDays: number): CoverageStatus {
  if (billedDays === 0) return 'not_billed';
  if (silentDays === 0) return 'logged';
  return silentDays < billedDays ? 'partly_silent' : 'silent';
}

/** Tags on the bill that are a key but for upper and lower case: IAM takes them for the key, billing for another tag. */
async function readTagVariants({ engine, schema }: Sources): Promise<string[]> {
  const exact = schema.columns().flatMap(column => [
    ...column.principalTags.map(name => `iamPrincipal/${name}`), ...column.resourceTags.map(name => `resourceTags/${name}`),
  ]);
  const lower = new Set(exact.map(name => name.toLowerCase()));
  const rows = await engine.rows('SELECT DISTINCT found.tag FROM billed_usage CROSS JOIN UNNEST(map_keys(tags)) AS found (tag) ORDER BY 1');
  return rows.map(row => String(row.tag)).filter(tag => lower.has(tag.toLowerCase()) && !exact.includes(tag));
}

/** Names in logs and bill that no model is known by: their tokens are kept, and they stay unpriced or unmatched until they are mapped. */
async function readUnmappedModels({ engine }: Sources, within: string): Promise<string[]> {
  const rows = await engine.rows(`SELECT DISTINCT name FROM (
      SELECT model_id AS name FROM invocation_records
      WHERE ${within} AND record_status IN ('complete', 'partial')
        AND (model IS NULL OR model NOT IN (SELECT model FROM model_aliases UNION SELECT model FROM price_book))
      UNION ALL
      SELECT model FROM billed_usage WHERE ${within} AND is_token_based AND NOT is_model_known
    ) WHERE name IS NOT NULL ORDER BY name`);
  return rows.map(row => String(row.name));
}

async function readDetails(sources: Sources, by: readonly string[], within: string): Promise<ReportDetails> {
  const { engine, hasBill, warnings } = sources;
  const keys = by.join(', ');
  const usd = hasBill ? 'billed_usd' : 'estimated_usd';
  const daily = await engine.rows(`SELECT cast(usage_date AS varchar) AS day, ${keys}, coalesce(sum(${usd}), 0) AS usd
    FROM ${hasBill ? `(SELECT * FROM attributed_spend WHERE ${within})` : 'calls_by_day'}
    WHERE usage_date IS NOT NULL GROUP BY usage_date, ${keys} ORDER BY usage_date, ${by.map(key => `${key} NULLS LAST`).join(', ')}`);
  const forged = await engine.rows(`SELECT caller, attribution_key, declared_value, enforced_value, count(*) AS requests
    FROM forged_claims WHERE ${within} GROUP BY caller, attribution_key, declared_value, enforced_value ORDER BY requests DESC, caller, attribution_key, declared_value`);
  const undated = await count(sources, 'SELECT count(*) AS n FROM invocation_records WHERE usage_date IS NULL');
  return {
    daily: daily.map(row => ({ day: String(row.day), keys: pick(row, by), usd: number(row.usd) })),
    forged: forged.map(row => ({
      caller: String(row.caller),
      key: String(row.attribution_key),
      declared: String(row.declared_value),
      enforced: String(row.enforced_value),
      requests: number(row.requests),
    })),
    warnings: [
      ...warnings,
      ...undated > 0 ? [`requests without a readable time: ${undated}; ${within === 'true'
        ? 'their tokens count in the totals, their dollars cannot be matched with a day of the bill' : 'they belong to no period and are left out'}`] : [],
    ],
  };
}

async function count({ engine }: Sources, sql: string): Promise<number> {
  return number((await engine.rows(sql))[0].n);
}

function pick(row: Row, keys: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(keys.map(key => [key, text(row[key])]));
}

function sum(groups: readonly ReportGroup[]): number {
  return number(groups.reduce((total, group) => total + (group.billed_usd ?? 0), 0));
}

/** Where not one of the requests that cost something has a known price there is no estimate, rather than one of zero. */
function estimated(usd: unknown, requests: Row): number | null {
  return number(requests.priced) === 0 && number(requests.unpriced) > 0 ? null : number(usd);
}

/** To a billionth: the last bits of a sum depend on the order of its terms, which is nobody's to choose. */
function number(value: unknown): number {
  return value === null || value === undefined ? 0 : Math.round(Number(value) * 1e9) / 1e9;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
