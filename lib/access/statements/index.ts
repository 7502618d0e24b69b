import type * as iam from 'aws-cdk-lib/aws-iam';
import type { BedrockArns } from '../bedrock-arns';
import type { ResolvedControls } from '../resolve-controls';
import { longTermApiKeyStatements } from './api-keys';
import { callerStatements } from './callers';
import { creationStatements } from './creation';
import { roadStatements } from './roads';
import { tamperingStatements } from './tampering';

/** The denials of all controls that are on: who calls, on which road, who makes and who changes. */
export function controlStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  return [
    ...callerStatements(controls),
    ...controls.denyLongTermApiKeys ? longTermApiKeyStatements() : [],
    ...roadStatements(controls, arns),
    ...creationStatements(controls, arns),
    ...tamperingStatements(controls),
  ];
}
