import { dimension, type FilterExpression, tag } from './filter-expression';

/**
 * A rule that gives lines of the bill to a value of a cost category, where no tag of the key says otherwise: for what is shared, or is not
 * tagged.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/manage-cost-categories.html
 */
export class CostCategoryRule {
  /**
   * Lines of these accounts.
   *
   * @param value value of the cost category
   * @param accountIds ids of the accounts, of twelve digits each
   */
  public static accounts(value: string, accountIds: string[]): CostCategoryRule {
    return new CostCategoryRule(value, { kind: 'accounts', values: accountIds });
  }

  /**
   * Lines of these services, with the codes that the bill has for them. Models that AWS Marketplace bills have codes that say nothing.
   *
   * @param value value of the cost category
   * @param serviceCodes codes such as `AmazonBedrock`
   */
  public static services(value: string, serviceCodes: string[]): CostCategoryRule {
    return new CostCategoryRule(value, { kind: 'services', values: serviceCodes });
  }

  /**
   * Lines with one of these values of a tag that is none of the key's own.
   *
   * @param value value of the cost category
   * @param tagKey the tag as Cost Explorer spells it, such as `Project` or `iamPrincipal/project`
   * @param tagValues values of the tag; upper and lower case count
   */
  public static tag(value: string, tagKey: string, tagValues: string[]): CostCategoryRule {
    return new CostCategoryRule(value, { kind: 'tag', tagKey, values: tagValues });
  }

  /** @internal */
  public readonly _is: RuleKind;

  private constructor(
    /** Value of the cost category that the lines get. */
    public readonly value: string,
    kind: RuleKind,
  ) {
    this._is = kind;
  }

  /**
   * The lines that are meant.
   *
   * @internal
   */
  public _render(): FilterExpression {
    switch (this._is.kind) {
      case 'accounts': return dimension('LINKED_ACCOUNT', this._is.values);
      case 'services': return dimension('SERVICE_CODE', this._is.values);
      case 'tag': return tag(this._is.tagKey, this._is.values);
    }
  }
}

/** One of the kinds of rules. */
type RuleKind =
  | { readonly kind: 'accounts' | 'services'; readonly values: string[] }
  | { readonly kind: 'tag'; readonly tagKey: string; readonly values: string[] };
