import type { CostAllocationTagsApi } from './cost-allocation-tags-api.lambda-shared';
import type { TagRecord, TagState } from './tag-state.lambda-shared';

/** What came of a wish for a backfill. */
export interface BackfillResult {
  /** The record, with what has been asked for. */
  readonly record: TagRecord;
  /** What was done or is waited for, as a sentence; undefined when there was nothing to ask for. */
  readonly note?: string;
}

const DAY_MS = 86_400_000;

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_StartCostAllocationTagBackfill.html (read 2026-11-21) */
const MOST_MONTHS = 12;

/**
 * Asks once that the bill of past months tells the tags that this construct has activated, as far back as the service goes.
 *
 * @param wantedFrom first month, `YYYY-MM`
 * @param now in milliseconds
 */
export async function backfill(api: CostAllocationTagsApi, record: TagRecord, wantedFrom: string, now: number): Promise<BackfillResult> {
  const earliest = monthOf(now, -MOST_MONTHS);
  const from = wantedFrom < earliest ? earliest : wantedFrom;
  const missing = Object.keys(record.keys).filter(key => isMissing(record.keys[key], from));
  if (missing.length === 0) return { record };
  if (from > monthOf(now)) return { record, note: `the backfill from ${from} waits for that month to begin.` };

  const past = await api.backfills();
  const start = Date.parse(`${from}-01T00:00:00Z`);
  const activatedAt = Date.parse(record.activatedAt ?? '');
  // made by hand, or by a function that ended before it could note it
  const covering = past.find(one => one.status !== 'FAILED' && one.from <= start && one.requestedAt >= activatedAt);
  if (covering !== undefined) return { record: marked(record, missing, from), note: `a backfill from ${from} had been asked for already.` };

  const isTooSoon = past.some(({ requestedAt, status }) => status === 'PROCESSING' || now - requestedAt < DAY_MS);
  if (isTooSoon || !await api.startBackfill(from)) {
    return { record, note: `a backfill from ${from} will be asked for at a later check: the service takes one request in 24 hours.` };
  }
  const reach = from === wantedFrom ? '' : ` instead of ${wantedFrom}, because the service goes back ${MOST_MONTHS} months,`;
  return { record: marked(record, missing, from), note: `a backfill from ${from}${reach} was asked for, of ${missing.join(', ')}.` };
}

function isMissing({ state, activatedByUs = [], backfilledFrom }: TagState, from: string): boolean {
  return state === 'active' && activatedByUs.length > 0 && (backfilledFrom === undefined || backfilledFrom > from);
}

function marked(record: TagRecord, keys: readonly string[], backfilledFrom: string): TagRecord {
  const states = Object.entries(record.keys).map(([key, state]) => [key, keys.includes(key) ? { ...state, backfilledFrom } : state]);
  return { ...record, keys: Object.fromEntries(states) as TagRecord['keys'] };
}

/** A month, `YYYY-MM`, so many months from that of a time. */
function monthOf(time: number, months = 0): string {
  const date = new Date(time);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months)).toISOString().slice(0, 7);
}
