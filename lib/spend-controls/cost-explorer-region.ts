import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** @see https://docs.aws.amazon.com/general/latest/gr/billing.html */
const REGIONS = ['us-east-1', 'cn-northwest-1'];

/**
 * Warns where CloudFormation does not know the types of Cost Explorer. No page of AWS lists the Regions where it does: users report
 * "Unrecognized resource types" from others than us-east-1.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1375
 */
export function warnAboutRegion(construct: IConstruct): void {
  const { region } = Stack.of(construct);
  if (Token.isUnresolved(region) || REGIONS.includes(region)) return;
  Annotations.of(construct).addWarningV2('bedrock-cost-attribution:costExplorerRegion', (
    `the stack is in ${region}, where CloudFormation may answer "Unrecognized resource types" for AWS::CE types; `
    + `put it into ${REGIONS[0]} (in China ${REGIONS[1]}), since what it makes is the same in every Region`
  ));
}
