import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PayerStack } from '../../bin/stacks/payer-stack';
import { AttributionSchema } from '../../lib/schema';

function templateOf(guardedTargets?: string[]): Template {
  const stack = new PayerStack(new App(), 'Payer', {
    env: { account: '111122223333', region: 'us-east-1' },
    billBucketName: 'example-bill',
    ledgerAccount: '444455556666',
    schema: AttributionSchema.starter(),
    guardedTargets,
  });
  return Template.fromStack(stack);
}

test('nobody is guarded until somebody says who', () => {
  templateOf().resourceCountIs('AWS::Organizations::Policy', 0);
});

test('the organization is guarded where the configuration says so, and can still be deployed to', () => {
  const [policy] = Object.values(templateOf(['r-ab12']).findResources('AWS::Organizations::Policy'));
  expect(policy.Properties).toMatchObject({ TargetIds: ['r-ab12'], Type: 'SERVICE_CONTROL_POLICY' });
  expect(JSON.stringify(policy.Properties.Content)).toContain('arn:*:iam::*:role/cdk-*-cfn-exec-role-*');
});
