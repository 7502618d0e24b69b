import { isDay } from '../is-day';
import { UsageError } from '../usage-error';
import type { Report, ReportDetails, ReportGroup } from './report-contract';
import { estimated, isKnown, sumBilled, sumCosts, toCoverage, toDays, toGroups, toReasons } from './report-figures';
import { readBill, readCalls, readCosts, readCoverage, readForgedClaims, readSpend, readTagVariants, readUnmappedModels } from './report-queries';
import type { ReportSources } from './report-sources';
import { number, text } from './sum-rows';

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

/** Puts the report together from the views: plain SQL, the same for every engine, and no row of the logs or the bill is kept here. */
export async function buildReport(sources: ReportSources, question: ReportQuestion): Promise<{ report: Report; details: ReportDetails }> {
  checkPeriod(question);
  const { engine } = sources;
  const { by } = question;
  const within = period(question);
  const [calls, bill, costs, spend, coverage, violations, forged, tagVariants, unmappedModels, undated] = await Promise.all([
    readCalls(engine, within),
    readBill(engine, within),
    readCosts(engine, by, within),
    sources.hasBill === false ? [] : readSpend(engine, by, within),
    readCoverage(engine, within),
    engine.rows(`SELECT count(DISTINCT bedrock_request_id) AS n FROM schema_violations WHERE ${within}`),
    readForgedClaims(engine, within),
    readTagVariants(sources, within),
    readUnmappedModels(engine, within),
    engine.rows('SELECT count(*) AS n FROM invocations WHERE usage_date IS NULL'),
  ]);
  const hasLogs = sources.hasLogs ?? number(calls.requests) > 0;
  const hasBill = sources.hasBill ?? number(bill.lines) > 0;
  const knowsEnforced = sources.knowsEnforced ?? number(bill.callers) + number(bill.principals) > 0;
  const groups = toGroups(costs, hasBill ? spend : [], by).map((group): ReportGroup => ({
    ...group,
    estimated_usd: hasLogs ? group.estimated_usd : null,
    billed_usd: hasBill ? group.billed_usd : null,
    enforced_usd: hasBill ? group.enforced_usd : null,
    declared_usd: hasBill ? group.declared_usd : null,
  }));
  const [known, unknown] = [groups.filter(group => isKnown(group, by)), groups.filter(group => !isKnown(group, by))];
  const estimate = sumCosts(costs);
  const report: Report = {
    period: {
      from: question.from ?? days(calls.first_day, bill.first_day).at(0) ?? null,
      to: question.to ?? days(calls.last_day, bill.last_day).at(-1) ?? null,
    },
    by,
    as_of: question.asOf.toISOString(),
    totals: {
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
      estimated_usd: hasLogs ? estimated(estimate) : null,
      unpriced_requests: estimate.unpriced,
      billed_usd: hasBill ? number(bill.billed) : null,
      attributed_usd: hasBill ? sumBilled(known) : null,
      unattributed_usd: hasBill ? sumBilled(unknown) : null,
      adjustments_usd: hasBill ? number(bill.adjustments) : null,
    },
    groups,
    unattributed: hasBill ? toReasons(spend, by) : [],
    coverage: toCoverage(coverage, hasBill),
    quality: {
      no_metadata: number(calls.no_metadata),
      schema_violations: number(violations[0].n),
      forged_claims: knowsEnforced ? forged.requests : null,
      tag_conflicts: number(bill.conflicts),
      tag_spelling_variants: tagVariants,
      unmapped_models: unmappedModels,
      malformed: sources.logs.malformed,
    },
  };
  const details: ReportDetails = {
    daily: hasBill ? toDays(spend, by, 'billed_usd') : toDays(costs, by, 'estimated_usd'),
    forged: forged.claims,
    warnings: [...sources.warnings, ...warnAboutUndated(number(undated[0].n), within)],
  };
  return { report, details };
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

/** The days that are there, in their order. */
function days(...values: unknown[]): string[] {
  return values.map(text).filter(day => day !== null).sort();
}

function warnAboutUndated(undated: number, within: string): string[] {
  if (undated === 0) return [];
  return [`requests without a readable time: ${undated}; ${within === 'true'
    ? 'their tokens count in the totals, their dollars cannot be matched with a day of the bill' : 'they belong to no period and are left out'}`];
}
