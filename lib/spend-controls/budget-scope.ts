import type { AttributionSchema } from '../schema';
import { billTags, listedValues } from './bill-tags';
import { anyOf, costCategory, dimension, type FilterExpression, not, tag, tagAbsent } from './filter-expression';

/**
 * How a budget is told outright that a line of the bill must not have a tag. AWS documents neither way for Budgets: compare such a budget
 * with Cost Explorer before you rely on it.
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
   * An empty value, by which the console of Cost Explorer asks for `No tag key`. Where it matches nothing, a budget shows nothing.
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
   * @default - lines without any of the values that the schema lists for the key. Where it lists none, `keyValue()` does not ask, and
   * `unattributed()` is refused
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
   * What the bill attributes to one value of a key.
   *
   * As in the views, the caller wins over the resource: a line counts here when its caller has the value, or when its caller has none of
   * those that the schema lists and the resource has this one. The scopes of all listed values and the one of `unattributed()` count each
   * line of Bedrock exactly once.
   *
   * Budgets cannot be asked for a tag with any value. So where the schema lists no values, a line counts when its caller or its resource
   * has the value: one whose caller and resource disagree counts for both. `costCategoryValue()` tells them apart.
   *
   * @param keyName name of a key of the schema that rides on tags
   * @param value a value that the schema allows for the key; upper and lower case count
   */
  public static keyValue(keyName: string, value: string, options: BudgetKeyOptions = {}): BudgetScope {
    return new BudgetScope({ kind: 'keyValue', keyName, value, options });
  }

  /**
   * Bedrock spend on which neither the caller nor the resource has one of the values that the schema lists for the key: what no budget of a
   * value counts. For a key without listed values, ask a cost category for its default value by `costCategoryValue()` instead.
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
   * Bedrock spend that a cost category gives to one of its values. Charges that the category splits stay with their source here: AWS shows
   * split charges on the page of the cost category only.
   *
   * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/splitcharge-cost-categories.html
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
        return { conditions: [ofBedrock, ...[...principalTags, ...resourceTags].flatMap(without)], serviceNames: services };
      }
      case 'keyValue': {
        const { principalTags, resourceTags, without } = keyTags(schema, this._is);
        const tags = [...principalTags, ...resourceTags];
        const { value } = this._is;
        const isOn = (keys: string[]): FilterExpression[] => keys.map(key => tag(key, [value]));
        return {
          conditions: [
            anyOf(...isOn(tags)),
            // of the tags before the first one with the value, none may decide otherwise
            ...tags.slice(0, -1).flatMap((key, index) => (
              without(key).map(undecided => anyOf(...isOn(tags.slice(0, index + 1)), undecided))
            )),
            // callers have tags on lines of Bedrock only
            ...resourceTags.length === 0 ? [] : [anyOf(...isOn(principalTags), ofBedrock)],
          ],
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

/** The tags by which a scope of a key knows its value, and how it asks for lines on which a tag does not decide. */
interface KeyTags {
  readonly principalTags: string[];
  readonly resourceTags: string[];
  /** Nothing where there is no way to ask. */
  readonly without: (tagKey: string) => FilterExpression[];
}

function keyTags(schema: AttributionSchema, scope: { readonly keyName: string; readonly options: BudgetKeyOptions }): KeyTags {
  const { principal, resource } = billTags(schema, scope.keyName);
  const { principalTags = principal, resourceTags = resource, untaggedMatch } = scope.options;
  const values = listedValues(schema.key(scope.keyName));
  const without = (tagKey: string): FilterExpression[] => {
    switch (untaggedMatch) {
      case UntaggedMatch.ABSENT: return [tagAbsent(tagKey)];
      case UntaggedMatch.EMPTY_VALUE: return [tag(tagKey, [''])];
      case undefined: return values === undefined ? [] : [not(tag(tagKey, values))];
    }
  };
  return { principalTags, resourceTags, without };
}
