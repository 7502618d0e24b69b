import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributionSchema } from '../../lib/schema';
import { AttributionCostCategory, type AttributionCostCategoryProps } from '../../lib/spend-controls';

/** Teams are listed; services are not, so that their values are inherited. */
export const SCHEMA = AttributionSchema.starter({ teams: ['search', 'payments', 'shared'] });

export function makeStack(region = 'us-east-1'): Stack {
  return new Stack(new App(), 'Payer', { env: { account: '111122223333', region } });
}

/** A cost category of teams, with what is given instead. */
export function makeCategory(props: Partial<AttributionCostCategoryProps> = {}, stack = makeStack()): AttributionCostCategory {
  return new AttributionCostCategory(stack, 'Category', { schema: SCHEMA, keyName: 'team', ...props });
}

/** A rule as the API takes it. */
export interface Rule {
  readonly Type: 'REGULAR' | 'INHERITED_VALUE';
  readonly Value?: string;
  readonly Rule?: Expression;
  readonly InheritedValue?: { readonly DimensionName: string; readonly DimensionKey: string };
}

/** An expression as the API takes it. */
export interface Expression {
  readonly Not?: Expression;
  readonly Tags?: Values;
  readonly Dimensions?: Values;
}

interface Values {
  readonly Key: string;
  readonly Values?: string[];
  readonly MatchOptions: string[];
}

/** The properties of a cost category with its texts read. */
export interface RenderedCategory {
  readonly Name: string;
  readonly DefaultValue: string;
  readonly RuleVersion: string;
  readonly Rules: Rule[];
  readonly SplitChargeRules?: unknown[];
}

/** The one cost category of a stack, whose texts have no tokens. */
export function renderedCategory(stack: Stack): RenderedCategory {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::CE::CostCategory'));
  const { Rules, SplitChargeRules, ...rest } = Properties as Record<string, string> & { readonly SplitChargeRules?: string };
  return {
    ...rest as Pick<RenderedCategory, 'Name' | 'DefaultValue' | 'RuleVersion'>,
    Rules: JSON.parse(Rules) as Rule[],
    ...SplitChargeRules !== undefined && { SplitChargeRules: JSON.parse(SplitChargeRules) as unknown[] },
  };
}

/** A cost category in a stack of its own. */
export function renderCategory(props: Partial<AttributionCostCategoryProps> = {}): RenderedCategory {
  return renderedCategory(makeCategory(props).stack);
}
