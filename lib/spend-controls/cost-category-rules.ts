import type { CostCategoryRule } from './cost-category-rule';
import { dimension, type FilterExpression, not, tag, tagAbsent, withApiNames } from './filter-expression';

/** What the rules of a cost category are made of. */
export interface CategoryContent {
  /** Tags of callers as Cost Explorer spells them, in the order in which they count. */
  readonly principalTags: string[];

  /** Tags of resources, in the order in which they count. */
  readonly resourceTags: string[];

  /** The only values that a tag may give, where they are listed. */
  readonly values?: string[];

  /** Rules for lines that no tag of the key is on. */
  readonly fixedRules: CostCategoryRule[];

  /** The services to which tags of resources and fixed rules apply, if they are limited. */
  readonly serviceCodes?: string[];

  /** Value of whatever is left. */
  readonly defaultValue: string;
}

/**
 * The rules in the order of the ledger: the caller, the resource, what is fixed. The first that a line fits decides, so that a line has one
 * value.
 */
export function renderRules(content: CategoryContent): unknown[] {
  const { principalTags, resourceTags, fixedRules, serviceCodes, defaultValue } = content;
  return [
    ...principalTags.flatMap(key => tagRules(key, content)),
    // an inherited value takes no condition, so what it must not see is sorted out before it
    ...serviceCodes === undefined ? [] : [regular(defaultValue, not(dimension('SERVICE_CODE', serviceCodes)))],
    ...resourceTags.flatMap(key => tagRules(key, content)),
    ...fixedRules.map(rule => regular(rule.value, rule._render())),
  ];
}

function tagRules(key: string, { values, defaultValue }: CategoryContent): unknown[] {
  if (values === undefined) return [{ Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'TAG', DimensionKey: key } }];
  return [
    ...values.map(value => regular(value, tag(key, [value]))),
    // as in the ledger, a tag that is there decides, even with a value that the schema does not know
    regular(defaultValue, not(tagAbsent(key))),
  ];
}

function regular(value: string, rule: FilterExpression): unknown {
  return { Type: 'REGULAR', Value: value, Rule: withApiNames(rule) };
}
