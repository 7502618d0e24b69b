import { Token } from 'aws-cdk-lib';
import type { AttributionCostCategoryProps } from './attribution-cost-category';
import { billedKeyNames } from './bill-tags';
import type { CostCategoryRule } from './cost-category-rule';
import { type CategoryContent, renderRules } from './cost-category-rules';
import type { SplitCharge } from './split-charge';

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CostCategory.html */
const MOST_RULES = 500;
const LONGEST_NAME = 50;

/** @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/billing-limits.html */
const MOST_SPLIT_CHARGES = 10;

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CostCategorySplitChargeRule.html */
const MOST_TARGETS = 500;

/** Percentages such as 33.33, 33.33 and 33.34 do not add up to 100 in binary. */
const ROUNDING = 1e-6;

/** What is wrong with the cost category, one sentence each. What is known at deployment only counts as right. */
export function costCategoryProblems(
  props: AttributionCostCategoryProps & { costCategoryName: string }, content: CategoryContent,
): string[] {
  return [
    ...keyProblems(props, content),
    ...nameProblems('costCategoryName', props.costCategoryName),
    ...nameProblems('defaultValue', content.defaultValue),
    ...listedValueProblems(props.keyName, content),
    ...content.fixedRules.flatMap(fixedRuleProblems),
    ...content.serviceCodes === undefined ? [] : listProblems('serviceCodes', content.serviceCodes, 'codes of services, or leave it out for all of them'),
    ...sizeProblems(content),
    ...splitChargesProblems(props.splitCharges ?? [], content),
  ];
}

function keyProblems({ schema, keyName }: AttributionCostCategoryProps, { principalTags, resourceTags }: CategoryContent): string[] {
  const known = schema.key(keyName);
  const lists = [['principalTags', principalTags], ['resourceTags', resourceTags]] as const;
  if (known === undefined || known.deprecatedInFavourOf !== undefined || lists.every(([, tags]) => tags.length === 0)) {
    const why = known === undefined ? 'is not in the schema'
      : known.deprecatedInFavourOf === undefined ? 'has no tag by which the bill could tell it'
        : `is deprecated in favour of ${known.deprecatedInFavourOf}, whose category reads it too`;
    return [`keyName is ${JSON.stringify(keyName)}, which ${why}; use one of ${billedKeyNames(schema).join(', ')}`];
  }
  const all = lists.flatMap(([, tags]) => tags);
  const doubles = new Set(all.filter((tag, index) => all.indexOf(tag) !== index));
  return [
    ...lists.flatMap(([name, tags]) => tags.includes('') || Token.isUnresolved(tags)
      ? [`${name} is ${JSON.stringify(Token.isUnresolved(tags) ? 'a list known at deployment only' : tags)}; write each tag as Cost Explorer does`] : []),
    ...[...doubles].map(tag => `the tag ${JSON.stringify(tag)} is given twice; the first place decides, so name it once`),
  ];
}

function nameProblems(what: string, name: string): string[] {
  if (Token.isUnresolved(name) || (name.length <= LONGEST_NAME && /^(?! )[\p{L}\p{N}\p{Z}_-]+(?<! )$/u.test(name))) return [];
  return [`${what} is ${JSON.stringify(name)}; cost categories take 1 to ${LONGEST_NAME} letters, digits, "-", "_" and spaces, which neither begin nor end it`];
}

function listedValueProblems(keyName: string, { values = [], defaultValue }: CategoryContent): string[] {
  return [
    ...values.flatMap(value => nameProblems(`a value that the schema allows for ${keyName}`, value)),
    ...values.includes(defaultValue) ? [
      `defaultValue is ${JSON.stringify(defaultValue)}, which the schema allows for ${keyName}: the two would be one; give another defaultValue`,
    ] : [],
  ];
}

function fixedRuleProblems({ value, _is: rule }: CostCategoryRule): string[] {
  const what = `the rule for ${JSON.stringify(value)}`;
  const nouns = { accounts: 'ids of accounts', services: 'codes of services', tag: 'values of the tag' };
  return [
    ...nameProblems('the value of a rule', value),
    ...listProblems(`${what} in fixedRules`, rule.values, nouns[rule.kind]),
    ...rule.kind === 'tag' && rule.tagKey === '' ? [`${what} in fixedRules has an empty tag; write it as Cost Explorer does`] : [],
    ...rule.kind !== 'accounts' || Token.isUnresolved(rule.values) ? [] : rule.values
      .filter(id => id !== '' && !Token.isUnresolved(id) && !/^\d{12}$/.test(id))
      .map(id => `${what} in fixedRules has the account ${JSON.stringify(id)}; write its twelve digits`),
  ];
}

/** A text that is made of a list cannot take one that is known at deployment only. */
function listProblems(what: string, list: string[], wanted: string): string[] {
  if (Token.isUnresolved(list)) return [`${what} has a list that is known at deployment only; write its entries, of which each may be known only then`];
  return list.length > 0 && !list.includes('') ? [] : [`${what} has ${JSON.stringify(list)}; give ${wanted}`];
}

function sizeProblems(content: CategoryContent): string[] {
  const { length } = renderRules(content);
  return length <= MOST_RULES ? [] : [
    `there are ${length} rules, but a cost category takes ${MOST_RULES}: one for each tag and value, and those of fixedRules; list fewer values, or leave tags out`,
  ];
}

function splitChargesProblems(splitCharges: SplitCharge[], content: CategoryContent): string[] {
  const sources = splitCharges.map(({ source }) => source);
  const doubles = new Set(sources.filter((source, index) => sources.indexOf(source) !== index));
  return [
    ...splitCharges.length <= MOST_SPLIT_CHARGES ? [] : [
      `splitCharges has ${splitCharges.length} entries; a cost category takes ${MOST_SPLIT_CHARGES}`,
    ],
    ...[...doubles].map(source => `splitCharges splits ${JSON.stringify(source)} more than once; write one split charge for it`),
    ...splitCharges.flatMap(splitCharge => [
      ...splitChargeProblems(splitCharge),
      ...splitCharge.targets.filter(target => sources.includes(target)).map(target => (
        `splitCharges gives a share of ${JSON.stringify(splitCharge.source)} to ${JSON.stringify(target)}, which is split itself; name values that are not`
      )),
      ...knownValueProblems(splitCharge, content),
    ]),
  ];
}

function splitChargeProblems({ source, targets, percentages }: SplitCharge): string[] {
  const what = `the split charge of ${JSON.stringify(source)}`;
  const doubles = new Set(targets.filter((target, index) => targets.indexOf(target) !== index));
  return [
    ...Token.isUnresolved(targets) ? [`${what} has targets that are known at deployment only; write them one by one`] : [],
    ...targets.length >= 1 && targets.length <= MOST_TARGETS ? [] : [`${what} has ${targets.length} targets; give 1 to ${MOST_TARGETS}`],
    ...[...doubles].map(target => `${what} has the target ${JSON.stringify(target)} more than once`),
    ...percentages === undefined ? [] : percentageProblems(what, percentages),
  ];
}

function percentageProblems(what: string, percentages: number[]): string[] {
  if (percentages.length === 0 || percentages.some(percentage => Token.isUnresolved(percentage))) return [];
  const sum = percentages.reduce((total, percentage) => total + percentage, 0);
  const isWhole = percentages.every(percentage => percentage > 0) && Math.abs(sum - 100) <= ROUNDING;
  return isWhole ? [] : [`${what} has the percentages ${percentages.join(', ')}; give each above 0, and 100 together`];
}

/** Where the key lists its values, a split charge of any other would never have anything to split. */
function knownValueProblems({ source, targets }: SplitCharge, { values, fixedRules, defaultValue }: CategoryContent): string[] {
  if (values === undefined) return [...new Set([source, ...targets])].flatMap(value => nameProblems('a value in splitCharges', value));
  const known = [...values, ...fixedRules.map(({ value }) => value), defaultValue];
  return [...new Set([source, ...targets])]
    .filter(value => !Token.isUnresolved(value) && !known.some(one => one === value || Token.isUnresolved(one)))
    .map(value => `splitCharges has ${JSON.stringify(value)}, which is no value of the category; use one of ${known.join(', ')}`);
}
