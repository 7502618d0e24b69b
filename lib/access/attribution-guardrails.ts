import { Resource, Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as organizations from 'aws-cdk-lib/aws-organizations';
import type { Construct, IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { PolicyLimit } from '../private/policy-size';
import type { AttributionSchema } from '../schema';
import type { AttributionControls } from './attribution-controls';
import { BedrockArns } from './bedrock-arns';
import { FEWER_CONTROLS, packStatements } from './pack-statements';
import { controlProblems, known, resolveControls } from './resolve-controls';
import { controlStatements } from './statements';
import { regionStatements } from './statements/regions';

/** Service control policies that a root, organizational unit or account takes. */
const MOST_POLICIES = 10;

/**
 * What guardrails say, wherever they are written.
 */
export interface AttributionGuardrailsOptions extends AttributionControls {
  /** The attribution keys, their values and how they are spelled as tags. */
  readonly schema: AttributionSchema;

  /**
   * Codes of the Regions in which models may be called, such as `eu-central-1`. Profiles that spread calls over other Regions keep working,
   * global ones too.
   *
   * @default - any Region
   */
  readonly allowedRegions?: string[];

  /**
   * Most policies that the guardrails may be split into. An account, organizational unit or root takes ten, of which `FullAWSAccess` is
   * one and AWS Control Tower may have some.
   *
   * @default 3
   */
  readonly maxPolicies?: number;
}

/**
 * Properties of attribution guardrails.
 */
export interface AttributionGuardrailsProps extends AttributionGuardrailsOptions {
  /**
   * Ids of the roots, organizational units or accounts that the policies are attached to.
   *
   * @default - none: attach them when you are ready
   */
  readonly targetIds?: string[];

  /**
   * Name of the policies, up to 120 ASCII characters; those after the first end in a number.
   *
   * @default 'bedrock-attribution'
   */
  readonly policyName?: string;
}

/**
 * Service control policies that close, for a whole organization, the roads to Bedrock on which spend is attributed to nobody.
 *
 * Belongs into the management account, or into that of a delegated administrator. They hold for every role and user of the accounts,
 * administrators among them, but not for the management account itself and not for service-linked roles. They allow nothing:
 * `FullAWSAccess` has to stay attached. Try them on one account first; what is denied is in CloudTrail as `AccessDenied`. Without
 * `provisioners` no stack that tags profiles, roles or projects can be deployed in these accounts.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export class AttributionGuardrails extends Resource {
  /**
   * The same policies as JSON, minified, for those who write them with other tools.
   *
   * @param options what the guardrails say; without tokens, for there is no stack that could resolve them
   * @returns one text per policy, each within the limit of 10,240 characters
   */
  public static documents(options: AttributionGuardrailsOptions): string[] {
    const scope = new Stack();
    const unresolved = [options.provisioners, options.approvedSessionRoles, options.inferenceProfileArns, options.allowedRegions]
      .some(values => Token.isUnresolved(values) || values?.some(value => Token.isUnresolved(value)));
    throwProblems('InvalidAttributionGuardrails', 'the guardrails', [
      ...unresolved ? ['an ARN or Region is known at deployment only, and documents() has no stack to resolve it: write it out'] : [],
      ...guardrailProblems(options),
    ], scope);
    return documentsOf(scope, options).map(document => JSON.stringify(document.toJSON()));
  }

  /** The policies, in order. */
  public readonly policies: organizations.CfnPolicy[];

  constructor(scope: Construct, id: string, props: AttributionGuardrailsProps) {
    super(scope, id);
    const name = props.policyName ?? 'bedrock-attribution';
    throwProblems('InvalidAttributionGuardrails', 'the guardrails', [
      ...!Token.isUnresolved(name) && !/^[\x20-\x7e]{1,120}$/.test(name) ? [
        `policyName is ${JSON.stringify(name)}: use 1 to 120 ASCII characters`,
      ] : [],
      ...known(props.targetIds).filter(target => !/^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/.test(target))
        .map(target => `targetIds has ${JSON.stringify(target)}: use the id of a root (r-…), an organizational unit (ou-…) or an account (12 digits)`),
      ...guardrailProblems(props),
    ], this);

    this.policies = documentsOf(this, props).map((document, index) => new organizations.CfnPolicy(
      this, index === 0 ? 'Resource' : `Resource${index + 1}`, {
        name: index === 0 ? name : `${name}-${index + 1}`,
        description: 'Denies calls of Amazon Bedrock that are attributed to nobody',
        type: 'SERVICE_CONTROL_POLICY',
        content: document.toJSON() as object,
        targetIds: props.targetIds,
      },
    ));
  }
}

function documentsOf(scope: IConstruct, options: AttributionGuardrailsOptions): iam.PolicyDocument[] {
  const most = Token.isUnresolved(options.maxPolicies) ? MOST_POLICIES : options.maxPolicies ?? 3;
  return packStatements(scope, statementsOf(options), { limit: PolicyLimit.SERVICE_CONTROL, most, remedy: `raise maxPolicies, ${FEWER_CONTROLS}` });
}

function statementsOf(options: AttributionGuardrailsOptions): iam.PolicyStatement[] {
  return [
    ...controlStatements(resolveControls(options.schema, options), BedrockArns.anywhere()),
    ...regionStatements(options.allowedRegions ?? []),
  ];
}

function guardrailProblems(options: AttributionGuardrailsOptions): string[] {
  const { maxPolicies, allowedRegions } = options;
  return [
    ...controlProblems(options.schema, options),
    ...statementsOf(options).length === 0 ? ['they deny nothing: leave a control on'] : [],
    ...allowedRegions?.length === 0 ? ['allowedRegions is empty, so that no model could be called: leave it out for any Region'] : [],
    ...Token.isUnresolved(allowedRegions) ? ['allowedRegions is a list that is known at deployment only: write the codes out'] : [],
    ...known(allowedRegions).filter(region => !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region))
      .map(region => `allowedRegions has ${JSON.stringify(region)}: use the code of a Region, such as "eu-central-1"`),
    ...isCount(maxPolicies) ? [] : [`maxPolicies is ${maxPolicies}: use a whole number from 1 to ${MOST_POLICIES}`],
  ];
}

function isCount(count = 1): boolean {
  return Token.isUnresolved(count) || (Number.isInteger(count) && count >= 1 && count <= MOST_POLICIES);
}
