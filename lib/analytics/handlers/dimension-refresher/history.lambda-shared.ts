/** Days, in UTC and as ISO dates, between which something was there. */
export interface History {
  /** When it was listed first. */
  readonly first_seen: string;
  /** When it was listed last. */
  readonly last_seen: string;
  /** When it was missed first; null while it is listed. */
  readonly deleted_on: string | null;
}

/** What a listing found, and what it would have found. */
export interface Listing<Facts> {
  readonly rows: readonly Facts[];
  /** Whether the listing would have had this row, were it still there: only then has a missing one been deleted. */
  readonly covers: (row: Facts) => boolean;
}

/**
 * What is known after a listing: one row for each ARN that was ever listed, in the order of the ARNs.
 *
 * @param former what was known before
 * @param day ISO date of the listing; that of one which took place before another, but is written after it, takes nothing back
 */
export function remember<Facts>(
  former: readonly (Facts & History)[], { rows, covers }: Listing<Facts>, arnOf: (row: Facts) => string, day: string,
): (Facts & History)[] {
  const known = new Map(former.map(row => [arnOf(row), row]));
  const listed = new Set(rows.map(arnOf));
  for (const [arn, row] of known) {
    if (!listed.has(arn) && covers(row)) known.set(arn, { ...row, deleted_on: row.deleted_on ?? later(row.last_seen, day) });
  }
  for (const row of rows) {
    const before = known.get(arnOf(row));
    known.set(arnOf(row), {
      ...before,
      ...row,
      first_seen: before?.first_seen ?? day,
      last_seen: before === undefined ? day : later(before.last_seen, day),
      deleted_on: null,
    });
  }
  return [...known].sort(([one], [other]) => one < other ? -1 : 1).map(([, row]) => row);
}

function later(day: string, other: string): string {
  return day > other ? day : other;
}
