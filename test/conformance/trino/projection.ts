/**
 * The table properties for Trino 476: those of Athena, but for months.
 *
 * The only translation of a definition that these tests make. Athena steps through a date projection by months and counts back from
 * `NOW` in months and years; Trino 476 refuses both (`interval.unit` stops at days, `NOW-3YEARS` is no date to it). A list of the same
 * months reads the same folders.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export function projectionForTrino(parameters: Readonly<Record<string, string>>, now = new Date()): Record<string, string> {
  const translated = { ...parameters };
  for (const [name, unit] of Object.entries(parameters)) {
    const column = /^projection\.(.+)\.interval\.unit$/.exec(name)?.[1];
    if (column === undefined || unit !== 'MONTHS') continue;
    const of = (property: string): string => parameters[`projection.${column}.${property}`];
    if (of('format') !== 'yyyy-MM' || of('interval') !== '1') throw new RangeError(`the months of ${column} are no list of yyyy-MM`);
    const [first, last] = of('range').split(',').map(bound => monthOf(bound, now));
    for (const property of ['format', 'range', 'interval', 'interval.unit']) Reflect.deleteProperty(translated, `projection.${column}.${property}`);
    translated[`projection.${column}.type`] = 'enum';
    translated[`projection.${column}.values`] = monthsBetween(first, last).join(',');
  }
  return translated;
}

function monthOf(bound: string, now: Date): string {
  if (/^\d{4}-\d{2}$/.test(bound)) return bound;
  const back = /^NOW(?:-(?<count>\d+)(?<unit>MONTH|YEAR)S?)?$/.exec(bound);
  if (back === null) throw new RangeError(`${JSON.stringify(bound)} is no month: it must be like 2026-04, NOW or NOW-3YEARS`);
  const { count = '0', unit } = back.groups as { count?: string; unit?: string };
  const months = Number(count) * (unit === 'YEAR' ? 12 : 1);
  return isoMonth(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months)));
}

function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let at = new Date(`${first}-01T00:00:00Z`); isoMonth(at) <= last; at = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1))) {
    months.push(isoMonth(at));
  }
  return months;
}

function isoMonth(date: Date): string {
  return date.toISOString().slice(0, 7);
}
