import type { Row } from '../engine/query-engine';
import { type Coverage, type CoverageStatus, type ReasonUsd, REMAINDER_REASONS, type ReportDetails, type ReportGroup } from './report-contract';
import { compareKeys, number, Sums, text } from './sum-rows';

const CALL_SUMS = [
  'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'estimated_usd', 'priced', 'unpriced',
] as const;
const SPEND_SUMS = ['billed_usd', 'enforced_usd', 'declared_usd'] as const;

/** Dollars of calls, and how many calls have a price and how many lack one. */
export interface EstimateSums {
  readonly estimated_usd: number;
  readonly priced: number;
  readonly unpriced: number;
}

/** The estimate of all calls. */
export function sumCosts(costs: readonly Row[]): EstimateSums {
  const total = (name: keyof EstimateSums): number => number(costs.reduce((sum, row) => sum + Number(row[name] ?? 0), 0));
  return { estimated_usd: total('estimated_usd'), priced: total('priced'), unpriced: total('unpriced') };
}

/** Requests and tokens go by what the records declare, dollars by how the bill was divided; the dearest first. */
export function toGroups(costs: readonly Row[], spend: readonly Row[], by: readonly string[]): ReportGroup[] {
  const sums = new Sums(by, [...CALL_SUMS, ...SPEND_SUMS]);
  for (const row of [...costs, ...spend]) sums.add(row, row);
  return sums.list().map(({ keys, sums: { priced, unpriced, ...figures } }) => ({
    keys, ...figures, estimated_usd: estimated({ ...figures, priced, unpriced }),
  })).sort((a, b) => b.billed_usd - a.billed_usd
    || (b.estimated_usd ?? -Infinity) - (a.estimated_usd ?? -Infinity)
    || compareKeys(a.keys, b.keys, by));
}

/** Dollars whose owner is not known, by reason. */
export function toReasons(spend: readonly Row[], by: readonly string[]): ReasonUsd[] {
  const sums = new Sums(['reason'], ['billed_usd']);
  for (const row of spend) if (by.some(key => row[key] === null)) sums.add(row, row);
  const dollars = new Map(sums.list().map(group => [group.keys.reason, group.sums.billed_usd]));
  return REMAINDER_REASONS.filter(reason => dollars.has(reason)).map(reason => ({ reason, usd: dollars.get(reason) ?? 0 }));
}

/** Dollars of each day and group, in the order of the days. */
export function toDays(rows: readonly Row[], by: readonly string[], usd: 'billed_usd' | 'estimated_usd'): ReportDetails['daily'] {
  const sums = new Sums(['day', ...by], [usd]);
  for (const row of rows) if (row.day !== null) sums.add(row, row);
  return sums.list()
    .map(({ keys: { day, ...keys }, sums: { [usd]: dollars } }) => ({ day: String(day), keys, usd: dollars }))
    .sort((a, b) => compareKeys({ day: a.day }, { day: b.day }, ['day']) || compareKeys(a.keys, b.keys, by));
}

/** What is known of each account and Region. */
export function toCoverage(rows: readonly Row[], hasBill: boolean): Coverage[] {
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

/** Whether all keys of a group are known. */
export function isKnown(group: ReportGroup, by: readonly string[]): boolean {
  return by.every(key => group.keys[key] !== null);
}

/** Billed dollars of groups. */
export function sumBilled(groups: readonly ReportGroup[]): number {
  return number(groups.reduce((total, group) => total + (group.billed_usd ?? 0), 0));
}

/** Where not one of the requests that cost something has a known price there is no estimate, rather than one of zero. */
export function estimated({ estimated_usd: usd, priced, unpriced }: EstimateSums): number | null {
  return priced === 0 && unpriced > 0 ? null : usd;
}
