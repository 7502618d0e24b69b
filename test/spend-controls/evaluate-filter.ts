import type { FilterExpression } from '../../lib/spend-controls/filter-expression';

/** A line of the bill as far as a filter sees it: principal tags under `iamPrincipal/…`. */
export interface BillLine {
  readonly service: string;
  readonly recordType: string;
  readonly tags: Record<string, string | undefined>;
  readonly costCategories?: Record<string, string | undefined>;
}

/** A filter without the tokens that its type allows. */
interface Expression {
  readonly and?: Expression[];
  readonly or?: Expression[];
  readonly not?: Expression;
  readonly tags?: Values;
  readonly dimensions?: Values;
  readonly costCategories?: Values;
}

interface Values {
  readonly key: string;
  readonly values?: string[];
  readonly matchOptions?: string[];
}

/** Whether a filter means a line, in the way that Cost Explorer documents its expressions. */
export function isMeant(filter: FilterExpression, line: BillLine): boolean {
  return holds(filter as Expression, line);
}

/** How many operators lie within one another at most. */
export function depthOf(filter: FilterExpression): number {
  return depth(filter as Expression);
}

function holds(expression: Expression, line: BillLine): boolean {
  const roots = Object.keys(expression);
  if (roots.length !== 1) throw new Error(`an expression has one root, not ${JSON.stringify(roots)}`);
  const { and, or, not, tags, costCategories, dimensions } = expression;
  if (and !== undefined) return and.every(inner => holds(inner, line));
  if (or !== undefined) return or.some(inner => holds(inner, line));
  if (not !== undefined) return !holds(not, line);
  if (tags !== undefined) return matches(tags, line.tags);
  if (costCategories !== undefined) return matches(costCategories, line.costCategories ?? {});
  if (dimensions !== undefined) return matches(dimensions, { SERVICE: line.service, RECORD_TYPE: line.recordType });
  throw new Error(`an expression has no root ${JSON.stringify(roots)}`);
}

function matches({ key, values = [], matchOptions = [] }: Values, line: Record<string, string | undefined>): boolean {
  // of nothing, Cost Explorer has an empty text
  return matchOptions.includes('ABSENT') ? line[key] === undefined : values.includes(line[key] ?? '');
}

function depth({ and = [], or = [], not }: Expression): number {
  const inner = [...and, ...or, ...not === undefined ? [] : [not]];
  return inner.length === 0 ? 0 : 1 + Math.max(...inner.map(depth));
}
