/** A period of whole UTC days, both ends included, as `YYYY-MM-DD`. */
export interface DuePeriod {
  readonly from: string;
  readonly to: string;
}

const DAY_MS = 86_400_000;

/**
 * The last week from Monday to Sunday, or the last calendar month, that had ended so many whole days before.
 *
 * @param now milliseconds since 1970
 */
export function duePeriod(kind: 'week' | 'month', now: number, settlingDays: number): DuePeriod {
  // the first day that is not part of the period any more
  const limit = new Date(Math.floor(now / DAY_MS) * DAY_MS - settlingDays * DAY_MS);
  if (kind === 'month') {
    const [year, month] = [limit.getUTCFullYear(), limit.getUTCMonth()];
    return { from: day(Date.UTC(year, month - 1, 1)), to: day(Date.UTC(year, month, 0)) };
  }
  const monday = limit.getTime() - (limit.getUTCDay() + 6) % 7 * DAY_MS;
  return { from: day(monday - 7 * DAY_MS), to: day(monday - DAY_MS) };
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
