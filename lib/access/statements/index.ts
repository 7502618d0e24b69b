import type * as iam from 'aws-cdk-lib/aws-iam';
import type { BedrockArns } from '../bedrock-arns';
import type { ResolvedControls } from '../resolve-controls';
import { longTermApiKeyStatements } from './api-keys';
import { callerPermissions, callerStatements } from './callers';
import { capacityStatement } from './capacity';
import { creationStatements } from './creation';
import { roadStatements } from './roads';
import { tamperingStatements } from './tampering';

/** The denials of all controls that are on: who calls, on which road, who makes and who changes. */
export function controlStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  return [...callerStatements(controls), ...otherStatements(controls, arns)];
}

/** The same as a permissions boundary: what it does not limit it allows, so that policies can. */
export function boundaryStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  return [...callerPermissions(controls), ...otherStatements(controls, arns)];
}

function otherStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  return [
    ...controls.denyLongTermApiKeys ? longTermApiKeyStatements() : [],
    ...controls.denyCapacityPurchases ? [capacityStatement(controls)] : [],
    ...roadStatements(controls, arns),
    ...creationStatements(controls, arns),
    ...tamperingStatements(controls),
  ];
}
