import { type IResource, Resource } from 'aws-cdk-lib';
import * as ce from 'aws-cdk-lib/aws-ce';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import { billTags, listedValues } from './bill-tags';
import type { CostCategoryRule } from './cost-category-rule';
import { type CategoryContent, renderRules } from './cost-category-rules';
import { warnAboutRegion } from './cost-explorer-region';
import type { SplitCharge } from './split-charge';
import { costCategoryProblems } from './validate-attribution-cost-category';

/**
 * A cost category, made here or elsewhere.
 */
export interface IAttributionCostCategory extends IResource, ce.ICostCategoryRef {
  /**
   * Name of the cost category, unique among those of the payer account: what Cost Explorer, budgets and anomaly monitors ask for.
   *
   * @attribute
   */
  readonly costCategoryName: string;

  /**
   * ARN of the cost category.
   *
   * @attribute
   */
  readonly costCategoryArn: string;
}

/** What identifies a cost category that was made elsewhere. */
export interface AttributionCostCategoryAttributes {
  /** Its name. */
  readonly costCategoryName: string;

  /** Its ARN, which does not tell the name. */
  readonly costCategoryArn: string;
}

/**
 * Properties of a cost category.
 */
export interface AttributionCostCategoryProps {
  /** The attribution keys, the values that they may take, and the tags that they ride on. */
  readonly schema: AttributionSchema;

  /** Name of the key of the schema whose values the category has. It has to ride on tags. */
  readonly keyName: string;

  /**
   * Name of the category, unique in the payer account: 1 to 50 letters, digits, spaces, `-` and `_`, upper and lower case count. Another
   * name makes another category, whose history begins with the month.
   *
   * @default - `bedrock-` and the name of the key
   */
  readonly costCategoryName?: string;

  /**
   * Value of lines that no rule gives another one, written like the name.
   *
   * @default 'unattributed'
   */
  readonly defaultValue?: string;

  /**
   * Rules for lines that have no tag of the key, in the order in which they count, such as those of the accounts of one team.
   *
   * @default - none
   */
  readonly fixedRules?: CostCategoryRule[];

  /**
   * How the costs of shared values are split between others, up to 10 rules.
   *
   * @default - nothing is split
   */
  readonly splitCharges?: SplitCharge[];

  /**
   * Codes of the services to which tags of resources and `fixedRules` apply; lines of all others are `defaultValue`, unless the caller has
   * the tag. A model that AWS Marketplace bills has a code of its own that says nothing, and is lost here unless it is listed: better
   * leave the category open, and ask for services where it is read.
   *
   * @default - every service
   */
  readonly serviceCodes?: string[];

  /**
   * Tags of the caller that tell the value, as Cost Explorer spells them; of several, the first that a line has counts. An empty list
   * leaves the caller out. That cost categories know tags of callers is said by no page of AWS.
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
}

abstract class AttributionCostCategoryBase extends Resource implements IAttributionCostCategory {
  public abstract readonly costCategoryName: string;
  public abstract readonly costCategoryArn: string;

  /** The reference by which other constructs take the cost category. */
  public get costCategoryRef(): ce.CostCategoryReference {
    return { costCategoryArn: this.costCategoryArn };
  }
}

/**
 * Gives each line of the bill one value of an attribution key, for Cost Explorer, budgets and anomaly monitors.
 *
 * The order is that of the ledger: what the caller's tags say, then those of the resource, then `fixedRules`, then `defaultValue`. A key
 * that lists its values has a rule for each of them, and a tag with any other value leaves its line at `defaultValue`. The values of a key
 * that does not are inherited from the tags, whatever they are.
 *
 * The category is for the whole bill: lines of other services have tags of resources too, and without one they are `defaultValue`. Ask for
 * the services of Bedrock where it is read, as `BudgetScope.costCategoryValue()` does, or see `serviceCodes`.
 *
 * Belongs into the management (payer) account, which may have 50 categories, and there into us-east-1. It holds from the first day of the
 * month in which it is made, for CloudFormation takes no other day; tags count once they are active. AWS needs up to 24 hours to apply it.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/manage-cost-categories.html
 */
export class AttributionCostCategory extends AttributionCostCategoryBase {
  /** Brings in a cost category that was made elsewhere. */
  public static fromCostCategoryAttributes(
    scope: Construct, id: string, attrs: AttributionCostCategoryAttributes,
  ): IAttributionCostCategory {
    class Import extends AttributionCostCategoryBase {
      /** Passed through. */
      public readonly costCategoryName = attrs.costCategoryName;
      /** Passed through. */
      public readonly costCategoryArn = attrs.costCategoryArn;
    }
    return new Import(scope, id);
  }

  /** Name of the cost category. */
  public readonly costCategoryName: string;

  /** ARN of the cost category. */
  public readonly costCategoryArn: string;

  /** Value of lines that no rule gives another one. */
  public readonly defaultValue: string;

  constructor(scope: Construct, id: string, props: AttributionCostCategoryProps) {
    super(scope, id);
    this.costCategoryName = props.costCategoryName ?? `bedrock-${props.keyName}`;
    this.defaultValue = props.defaultValue ?? 'unattributed';
    const content = contentOf(props, this.defaultValue);
    throwProblems(
      'InvalidAttributionCostCategory', 'the cost category', costCategoryProblems({ ...props, costCategoryName: this.costCategoryName }, content), this,
    );
    warnAboutRegion(this);

    const resource = new ce.CfnCostCategory(this, 'Resource', {
      name: this.costCategoryName,
      ruleVersion: 'CostCategoryExpression.v1',
      rules: this.stack.toJsonString(renderRules(content)),
      defaultValue: this.defaultValue,
      splitChargeRules: this.renderSplitCharges(props.splitCharges ?? []),
    });
    this.costCategoryArn = resource.attrArn;
  }

  private renderSplitCharges(splitCharges: SplitCharge[]): string | undefined {
    return splitCharges.length === 0 ? undefined : this.stack.toJsonString(splitCharges.map(splitCharge => splitCharge._render()));
  }
}

function contentOf(props: AttributionCostCategoryProps, defaultValue: string): CategoryContent {
  const { principal, resource } = billTags(props.schema, props.keyName);
  return {
    principalTags: props.principalTags ?? principal,
    resourceTags: props.resourceTags ?? resource,
    values: listedValues(props.schema.key(props.keyName)),
    fixedRules: props.fixedRules ?? [],
    serviceCodes: props.serviceCodes,
    defaultValue,
  };
}
