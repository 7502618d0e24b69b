/**
 * What a run works out for itself, as JSONata: which days, in which slices, whether the bill and maintenance are due.
 *
 * Days are text (`2026-10-01`) wherever they are kept; arithmetic is in milliseconds since 1970. Nothing here reads the clock: the start
 * of the run is `$startedMs`, so that a run that is resumed goes on with the days that it began with.
 *
 * @see https://docs.jsonata.org/
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */

/** A day in milliseconds. */
const DAY = '86400000';

/** Longest range of a backfill in days: three years. A run has 25,000 events at most, and a slice takes some sixty. */
export const MAX_BACKFILL_DAYS = 1096;

/**
 * How many days before the first and after the last log day of a slice requests are expected, which is where the ledger looks for them.
 * Requests of other days are looked for on exactly these days.
 */
export const DAYS_AROUND = { before: 3, after: 1 } as const;

/** Requests of so many days far from those of the slice are merged with it: what Athena writes at once is limited to 100 partitions. */
export const MAX_STRAY_DAYS = 40;

/** Largest slice of a backfill in days: with the days around it, the stray days and the undated partition it stays below 100 partitions. */
export const MAX_SLICE_DAYS = 31;

const ISO_DAY = `$isoDay := function($ms) { $fromMillis($ms, '[Y0001]-[M01]-[D01]') };`;
const MS_OF = `$msOf := function($day) { $toMillis($day & 'T00:00:00.000Z') };`;
const MONTH_NUMBER = `$monthNumber := function($day) { $number($substring($day, 0, 4)) * 12 + $number($substring($day, 5, 2)) - 1 };`;

/** `hourly` unless the input says something else. */
export const KIND = `$exists($states.input.kind) ? $string($states.input.kind) : 'hourly'`;

/** Why the input cannot be worked with, as a sentence; empty when it can. */
export const PROBLEM = `(
  ${ISO_DAY} ${MS_OF}
  $input := $states.input;
  $kind := ${KIND};
  $shown := function($value) { $exists($value) ? $string($value) : 'missing' };
  $isDay := function($day) {
    $not($exists($day)) ? false :
    $type($day) != 'string' ? false :
    $not($contains($day, /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/)) ? false :
    $isoDay($msOf($substring($day, 0, 7) & '-01') + ($number($substring($day, 8, 2)) - 1) * ${DAY}) = $day
  };
  $today := $isoDay($toMillis($states.context.Execution.StartTime));
  $not($kind in ['hourly', 'backfill', 'maintenance']) ? 'kind is "' & $kind & '": use "hourly", "backfill" or "maintenance"' :
  $kind != 'backfill' ? '' :
  $not($isDay($input.from)) ? 'from is ' & $shown($input.from) & ': use the first day of the backfill in UTC, as in 2026-10-01' :
  $not($isDay($input.to)) ? 'to is ' & $shown($input.to) & ': use the last day of the backfill in UTC, as in 2026-10-31' :
  $input.to < $input.from ? 'to is ' & $input.to & ', before from, which is ' & $input.from & ': exchange them' :
  $input.to > $today ? 'to is ' & $input.to & ', and today is ' & $today & ' in UTC: use a day that has begun' :
  ($msOf($input.to) - $msOf($input.from)) / ${DAY} + 1 > ${MAX_BACKFILL_DAYS}
    ? 'from ' & $input.from & ' to ' & $input.to & ' are more than ${MAX_BACKFILL_DAYS} days: use several backfills' : ''
)`;

/** How many of the running executions began before this one. Of two that began together the one with the lesser ARN is the older. */
export const OLDER_EXECUTIONS = `$count($filter($states.result.Executions, function($other) {
  $other.ExecutionArn != $states.context.Execution.Id and (
    $toMillis($other.StartDate) < $startedMs or ($toMillis($other.StartDate) = $startedMs and $other.ExecutionArn < $states.context.Execution.Id)
  )
}))`;

/**
 * First and last log day of the run. An hourly run goes back to the last one that finished, however long ago that was, and overlaps it. A
 * backfill also reads the day after, in which what was called shortly before midnight is delivered.
 */
export function windowExpression(overlapDays: number): string {
  return `(
  ${ISO_DAY} ${MS_OF}
  $today := $isoDay($startedMs);
  $lastDay := $lastRunAt = '' ? $today : $min([$msOf($substring($lastRunAt, 0, 10)), $msOf($today)]) ~> $isoDay;
  $after := $kind = 'backfill' ? $isoDay($msOf($to) + ${DAY}) : $today;
  {
    'from': $kind = 'backfill' ? $from : $isoDay($msOf($lastDay) - ${overlapDays} * ${DAY}),
    'to': $after > $today ? $today : $after
  }
)`;
}

/** The window in slices of at most so many days, in order; none for maintenance alone. */
export function slicesExpression(sliceDays: number): string {
  return `(
  ${ISO_DAY} ${MS_OF}
  $first := $msOf($window.from);
  $days := ($msOf($window.to) - $first) / ${DAY} + 1;
  $kind = 'maintenance' ? [] : [[0..$ceil($days / ${sliceDays}) - 1].{
    'from': $isoDay($first + $ * ${sliceDays} * ${DAY}),
    'to': $isoDay($first + ($min([($ + 1) * ${sliceDays}, $days]) - 1) * ${DAY})
  }]
)`;
}

/** The first day on which requests of the window are expected. */
export const FIRST_DAY = `(${ISO_DAY} ${MS_OF} $isoDay($msOf($window.from) - ${DAYS_AROUND.before} * ${DAY}))`;

/** The last day on which requests of the window are expected. */
export const LAST_DAY = `(${ISO_DAY} ${MS_OF} $isoDay($msOf($window.to) + ${DAYS_AROUND.after} * ${DAY}))`;

/** The days around a slice, as a list for SQL. */
export const SLICE_DAYS = `(
  ${ISO_DAY} ${MS_OF}
  $first := $msOf($slices[$sliceAt].from);
  $days := ($msOf($slices[$sliceAt].to) - $first) / ${DAY};
  $join([-${DAYS_AROUND.before}..$days + ${DAYS_AROUND.after}].("DATE '" & $isoDay($first + $ * ${DAY}) & "'"), ', ')
)`;

/** The quarantined objects that were delivered from the first to the last day of a range. */
function quarantinedIn(range: string): string {
  return `$filter($quarantined, function($path) {(
    $parts := $match($path, /\\/BedrockModelInvocationLogs\\/[^\\/]+\\/([0-9]{4})\\/([0-9]{2})\\/([0-9]{2})\\//).groups;
    $delivered := $exists($parts) ? $join($parts, '-') : ${range}.from;
    $delivered >= ${range}.from and $delivered <= ${range}.to
  )})`;
}

/** The condition that leaves out the quarantined objects of a slice; empty when it has none. */
export const UNREAD = `(
  $slice := $slices[$sliceAt];
  $inSlice := ${quarantinedIn('$slice')};
  $count($inSlice) = 0 ? '' : ' AND "$path" NOT IN (' & $join([$inSlice].("'" & $replace($, "'", "''") & "'"), ', ') & ')'
)`;

/** How many objects of the window are left out. */
export const QUARANTINED_OBJECTS = `$count(${quarantinedIn('$window')})`;

/** The days of a slice with those of its late records. */
export const DAYS_WITH_STRAYS = `$strayDays = '' ? $days : $days & $join($split($strayDays, ',')[[0..${MAX_STRAY_DAYS - 1}]].(", DATE '" & $ & "'"), '')`;

/** Billing periods that are loaded, as a list for SQL: those of a backfill, or the current one and those before it. */
export function periodsExpression(billingPeriods: number): string {
  return `(
  ${ISO_DAY} ${MONTH_NUMBER}
  $last := $monthNumber($kind = 'backfill' ? $to : $isoDay($startedMs));
  $first := $kind = 'backfill' ? $monthNumber($from) : $last - ${billingPeriods - 1};
  $join([$first..$last].("'" & $string($floor($ / 12)) & '-' & $formatInteger($ % 12 + 1, '00') & "'"), ', ')
)`;
}

/** Whether the bill is to be read again: it is delivered up to three times a day. */
export function billDueExpression(everyHours: number): string {
  // a run begins a little earlier or later within its hour than the one before
  return `$kind = 'backfill' or ($kind = 'hourly' and ($lastBillAt = '' or $startedMs - $toMillis($substring($lastBillAt, 0, 10) & 'T' & $substring($lastBillAt, 11, 8) & '.000Z') > ${everyHours} * 3600000 - 600000))`;
}

/** Whether the last maintenance was before the hour of the day at which it is due, today's or, earlier in the day, yesterday's. */
export function maintenanceDueExpression(hour: number): string {
  return `(
  $due := $floor(($startedMs - ${hour} * 3600000) / ${DAY}) * ${DAY} + ${hour} * 3600000;
  $kind != 'hourly' or $lastMaintenanceAt = '' or $toMillis($substring($lastMaintenanceAt, 0, 10) & 'T' & $substring($lastMaintenanceAt, 11, 8) & '.000Z') < $due
)`;
}

/** The first day that maintenance looks at: of a backfill, or of the month before. */
export const SINCE_DAY = `(
  ${ISO_DAY} ${MONTH_NUMBER}
  $month := $monthNumber($isoDay($startedMs)) - 1;
  $kind = 'backfill' ? $from : $string($floor($month / 12)) & '-' & $formatInteger($month % 12 + 1, '00') & '-01'
)`;

/** The days of this month and the month before, as a list for SQL: their totals are made anew once a day, when prices have become known. */
export const DAYS_OF_TWO_MONTHS = `(
  ${ISO_DAY} ${MS_OF} ${MONTH_NUMBER}
  $today := $isoDay($startedMs);
  $month := $monthNumber($today) - 1;
  $first := $msOf($string($floor($month / 12)) & '-' & $formatInteger($month % 12 + 1, '00') & '-01');
  $join([0..($msOf($today) - $first) / ${DAY}].("DATE '" & $isoDay($first + $ * ${DAY}) & "'"), ', ')
)`;

/**
 * The log object that a query could not read, from what Athena says about it; empty when it names none that is new.
 *
 * Athena repeats the query, which names the objects that are left out already.
 */
export const CORRUPT_PATH = `(
  $named := $match($failure, /s3:\\/\\/[^\\s"'\\\\,;()]+\\/BedrockModelInvocationLogs\\/[^\\s"'\\\\,;()]+/).match;
  $new := $filter($named.$replace($, /[.:]+$/, ''), function($path) { $not($path in $quarantined) });
  $count($new) = 0 ? '' : $new[0]
)`;

/** What Athena says of the object, as a literal for SQL without its quotes. */
export const CORRUPT_REASON = `(
  $said := $match($failure, /"StateChangeReason" *: *"([^"]*)/)[0].groups[0];
  $replace($substring($exists($said) ? $said : 'Athena cannot read it', 0, 1000), "'", "''")
)`;
