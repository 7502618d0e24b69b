import type { AttributionSchema } from '../schema';
import { billTags } from './bill-tags';
import { allOf, anyOf, costCategory, dimension, type FilterExpression, tag, tagAbsent } from './filter-expression';

/**
 * How a budget is told that a line of the bill must not have a tag.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_TagValues.html
 */
export enum UntaggedMatch {
  /**
   * The match option `ABSENT`, which the reference of Budgets lists and that of Cost Explorer explains. A contributor to Terraform reports
   * that the Budgets API refuses it. If it does, the deployment fails and says so.
   *
   * @see https://github.com/hashicorp/terraform-provider-aws/pull/46501
   */
  ABSENT = 'ABSENT',

  /**
   * An empty value, by which the console of Cost Explorer asks for `No tag key`. For the case that `ABSENT` is refused only: it is
   * documented nowhere, and where it matches nothing a budget shows nothing. Look whether the budget agrees with Cost Explorer.
   */
  EMPTY_VALUE = 'EMPTY_VALUE',
}

/**
 * By which tags a scope knows the value of an attribution key.
 */
export interface BudgetKeyOptions {
  /**
   * Tags of the caller, as Cost Explorer spells them; of several, the first that a line has counts. An empty list leaves the caller out.
   *
   * @default - `iamPrincipal/` and the spelling of the key as principal or session tag, then those of the keys that it replaced
   */
  readonly principalTags?: string[];

  /**
   * Tags of the resource that was called; of several, the first that a line has counts. An empty list leaves the resource out.
   *
   * @default - the spelling of the key as resource tag, then those of the keys that it replaced
   */
  readonly resourceTags?: string[];

  /**
   * How to ask for lines without a tag.
   *
   * @default UntaggedMatch.ABSENT
   */
  readonly untaggedMatch?: UntaggedMatch;
}

/**
 * Which part of the bill a budget counts.
 *
 * Tags count from the day on which they are active in the payer account. That Budgets knows tags of callers (`iamPrincipal/…`) is confirmed
 * by one blog of AWS and by no page of its documentation; nor does that say how deep a filter may be nested, which is up to three operators
 * here.
 *
 * @see https://aws.amazon.com/cn/blogs/china/leveraging-aws-budget-implement-amazon-bedrock/
 */
export class BudgetScope {
  /**
   * What the bill attributes to one value of a key, each dollar once.
   *
   * As in the views, the caller wins over the resource: a line counts here when its caller has the value, or when its caller has no tag of
   * the key and the resource has the value. The scopes of all values and the one of `unattributed()` never count a line twice.
   *
   * @param keyName name of a key of the schema that rides on tags
   * @param value a value that the schema allows for the key; upper and lower case count
   */
  public static keyValue(keyName: string, value: string, options: BudgetKeyOptions = {}): BudgetScope {
    return new BudgetScope({ kind: 'keyValue', keyName, value, options });
  }

  /**
   * Bedrock spend on which the bill has no tag of the key, neither of the caller nor of the resource: what no budget of a value counts.
   *
   * @param keyName name of a key of the schema that rides on tags
   */
  public static unattributed(keyName: string, options: BudgetKeyOptions = {}): BudgetScope {
    return new BudgetScope({ kind: 'unattributed', keyName, options });
  }

  /**
   * All Bedrock spend, by the names of the services that are billed for it, for Budgets knows no product family. A model that AWS
   * Marketplace bills is a service of its own: one that appears after this release is not counted before it is named.
   */
  public static total(): BudgetScope {
    return new BudgetScope({ kind: 'total' });
  }

  /**
   * Bedrock spend that a cost category gives to one of its values, with the charges that it splits.
   *
   * @param costCategoryName name of the cost category
   * @param value one of its values, such as its default
   */
  public static costCategoryValue(costCategoryName: string, value: string): BudgetScope {
    return new BudgetScope({ kind: 'costCategory', costCategoryName, value });
  }

  /** @internal */
  public readonly _is: ScopeKind;

  private constructor(kind: ScopeKind) {
    this._is = kind;
  }

  /**
   * The lines that hold every one of these conditions. Where the filter names services, they are told too.
   *
   * @internal
   */
  public _render(schema: AttributionSchema, services: string[]): RenderedScope {
    const ofBedrock = dimension('SERVICE', services);
    switch (this._is.kind) {
      case 'total':
        return { conditions: [ofBedrock], serviceNames: services };
      case 'costCategory':
        return { conditions: [ofBedrock, costCategory(this._is.costCategoryName, [this._is.value])], serviceNames: services };
      case 'unattributed': {
        const { principalTags, resourceTags, without } = keyTags(schema, this._is);
        return { conditions: [ofBedrock, ...[...principalTags, ...resourceTags].map(without)], serviceNames: services };
      }
      case 'keyValue': {
        const { principalTags, resourceTags, without } = keyTags(schema, this._is);
        const { value } = this._is;
        // one alternative for each tag, for lines that have none of the tags before it; callers have tags on lines of Bedrock only
        const alternatives = [...principalTags, ...resourceTags].map((key, index, tags) => [
          ...index < principalTags.length ? [] : [ofBedrock],
          ...tags.slice(0, index).map(without),
          tag(key, [value]),
        ]);
        return {
          conditions: alternatives.length === 1 ? alternatives[0] : [anyOf(...alternatives.map(conditions => allOf(...conditions)))],
          serviceNames: resourceTags.length === 0 ? [] : services,
        };
      }
    }
  }
}

/** One of the kinds of scopes. */
type ScopeKind =
  | { readonly kind: 'total' }
  | { readonly kind: 'costCategory'; readonly costCategoryName: string; readonly value: string }
  | { readonly kind: 'unattributed'; readonly keyName: string; readonly options: BudgetKeyOptions }
  | { readonly kind: 'keyValue'; readonly keyName: string; readonly value: string; readonly options: BudgetKeyOptions };

/** A scope as conditions of a filter. */
interface RenderedScope {
  readonly conditions: FilterExpression[];
  readonly serviceNames: string[];
}

/** The tags by which a scope of a key knows its value, and how it asks for lines without one. */
interface KeyTags {
  readonly principalTags: string[];
  readonly resourceTags: string[];
  readonly without: (key: string) => FilterExpression;
}

function keyTags(schema: AttributionSchema, scope: { readonly keyName: string; readonly options: BudgetKeyOptions }): KeyTags {
  const { principal, resource } = billTags(schema, scope.keyName);
  const { principalTags = principal, resourceTags = resource, untaggedMatch = UntaggedMatch.ABSENT } = scope.options;
  return { principalTags, resourceTags, without: key => untaggedMatch === UntaggedMatch.ABSENT ? tagAbsent(key) : tag(key, ['']) };
}
