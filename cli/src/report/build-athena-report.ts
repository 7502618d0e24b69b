import type { QueryEngine } from '../engine/query-engine';
import { UsageError } from '../usage-error';
import { buildReport, type ReportQuestion } from './build-report';
import type { Report, ReportDetails } from './report-contract';

/** Column names as the schema allows them: what is put into a query must be nothing else. */
const KEY = /^[a-z][a-z0-9_]*$/;

/**
 * Puts the report together from the deployed views, and says what the ledger knows of lines that are no record.
 *
 * @param tagNames names of the tags that carry the keys; `undefined` when nobody has said which these are
 */
export async function buildAthenaReport(
  engine: QueryEngine, tagNames: readonly string[] | undefined, question: ReportQuestion,
): Promise<{ report: Report; details: ReportDetails }> {
  const unnameable = question.by.filter(key => !KEY.test(key));
  if (unnameable.length > 0) throw new UsageError(`${unnameable.map(key => JSON.stringify(key)).join(', ')} can be no key: keys are lower snake case`);
  const { report, details } = await buildReport({
    engine,
    tagNames: tagNames ?? [],
    logs: { malformedLines: null, malformed: [] },
    warnings: tagNames === undefined ? ['no schema was given, so tags in another spelling of upper and lower case were not looked for'] : [],
  }, question);
  if (report.totals.requests === 0) return { report, details };
  const malformedLines = await countMalformedLines(engine, report.period);
  const warnings = malformedLines !== null ? details.warnings : [
    ...details.warnings,
    'how many malformed lines there are is not known by day: ledger_health has them by run, and the saved query malformed-log-lines names the files',
  ];
  return { report: { ...report, totals: { ...report.totals, malformed_lines: malformedLines } }, details: { ...details, warnings } };
}

/**
 * The runs of the ledger overlap, so their counts cannot be added; what they can prove is that there were none: when every day of the
 * period was looked at, and no run has found any.
 */
async function countMalformedLines(engine: QueryEngine, { from, to }: Report['period']): Promise<0 | null> {
  if (from === null || to === null) return null;
  const runs = (await engine.rows(`SELECT cast(window_from AS varchar) AS first_day, cast(window_to AS varchar) AS last_day, max(malformed_lines) AS malformed
    FROM ledger_health WHERE malformed_lines IS NOT NULL AND window_to >= DATE '${from}' AND window_from <= DATE '${to}'
    GROUP BY window_from, window_to ORDER BY window_from`))
    .map(row => ({ first: String(row.first_day), last: String(row.last_day), malformed: Number(row.malformed) }));
  let open = from;
  for (const { first, last, malformed } of runs) {
    if (malformed > 0 || first > open) return null;
    if (last >= open) open = dayAfter(last);
  }
  return open > to ? 0 : null;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}
