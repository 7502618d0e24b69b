import * as iam from 'aws-cdk-lib/aws-iam';
import type { ResolvedControls } from '../resolve-controls';
import { notProvisioners } from './provisioners';

/** Denies buying capacity that is billed by time, of which no tag or caller reaches the bill. */
export function capacityStatement(controls: ResolvedControls): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'BuyNoCapacity',
    effect: iam.Effect.DENY,
    actions: ['bedrock-mantle:*ateReservation', 'bedrock:*ateMarketplaceModelEndpoint'],
    resources: ['*'],
    conditions: notProvisioners(controls),
  });
}
