import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledgeWildcard } from '../../lib/private/acknowledge';

/** The findings about wildcards, after synthesis, as they are reported to users. */
function wildcardsFound(app: App): unknown[] {
  app.synth();
  return new AwsSolutionsChecks(app).validateScope(app).violations.filter(({ ruleName }) => ruleName.startsWith('AwsSolutions-IAM5'));
}

/** A role that may write below a folder of a bucket, which is in the same stack or in another one. */
function writer(bucketStack: (app: App, own: Stack) => Stack, acknowledged: boolean): App {
  const app = new App();
  const own = new Stack(app, 'Writer', { env: { account: '111122223333', region: 'us-east-1' } });
  const bucket = new Bucket(bucketStack(app, own), 'Bucket');
  const policy = new iam.Policy(own, 'Policy', {
    roles: [new iam.Role(own, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') })],
    statements: [new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [`arn:aws:s3:::${bucket.bucketName}/folder/*`] })],
  });
  if (acknowledged) acknowledgeWildcard(policy, `arn:aws:s3:::${bucket.bucketName}/folder/*`, 'the folder is its own');
  return app;
}

test.each<[string, (app: App, own: Stack) => Stack]>([
  ['the same stack', (_, own) => own],
  ['another stack', app => new Stack(app, 'Other', { env: { account: '111122223333', region: 'us-east-1' } })],
])('a wildcard below a bucket of %s is found, unless it was acknowledged', (_, bucketStack) => {
  expect(wildcardsFound(writer(bucketStack, false))).toHaveLength(1);
  expect(wildcardsFound(writer(bucketStack, true))).toEqual([]);
});
