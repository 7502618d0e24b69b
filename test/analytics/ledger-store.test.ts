import { App, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { LedgerStore } from '../../lib/analytics';
import { nagFindings } from '../nag/nag-findings';

const makeStack = (): Stack => new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
const makeRole = (stack: Stack): iam.Role => new iam.Role(stack, 'Refresher', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

test('nothing in the store is lost by accident', () => {
  const stack = makeStack();
  new LedgerStore(stack, 'Store');
  const template = Template.fromStack(stack);
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    },
  });
  const [{ Properties }] = Object.values(template.findResources('AWS::S3::Bucket'));
  const rules = Properties.LifecycleConfiguration.Rules as Record<string, unknown>[];
  expect(rules.filter(rule => 'ExpirationInDays' in rule)).toEqual([]);
});

test('the removal policy of the user wins', () => {
  const stack = makeStack();
  new LedgerStore(stack, 'Store', { removalPolicy: RemovalPolicy.DESTROY });
  Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
});

test('other accounts write their own dimension files and no others', () => {
  const stack = makeStack();
  new LedgerStore(stack, 'Store', { refreshingAccounts: ['777788889999', '123456789012'] });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::S3::BucketPolicy'));
  const statements = Properties.PolicyDocument.Statement as {
    Effect: string; Action: string | string[]; Resource: unknown; Condition?: object;
  }[];
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
  expect(allowed.map(({ Action }) => Action)).toEqual([['s3:GetObject', 's3:PutObject'], 's3:ListBucket']);
  const files = ['inference_profiles/${aws:PrincipalAccount}/*', 'principals/${aws:PrincipalAccount}.json'];
  for (const file of files) expect(JSON.stringify(allowed[0].Resource)).toContain(`/dimensions/${file}`);
  expect(allowed[1].Condition).toEqual({ StringLike: { 's3:prefix': files.map(file => `dimensions/${file}`) } });
});

test('a refresher reads and replaces the files of its table, and sees which there are', () => {
  const stack = makeStack();
  const role = makeRole(stack);
  LedgerStore.fromLedgerStoreAttributes(stack, 'Store', { bucketName: 'example-ledger' }).grantDimension(role, 'price_book');
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Action: ['s3:GetObject', 's3:PutObject'],
          Effect: 'Allow',
          Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::example-ledger/dimensions/price_book*']] },
        },
        Match.objectLike({ Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': 'dimensions/price_book*' } } }),
      ],
    },
  });
});

test('a refresher may use the key of the store', () => {
  const stack = makeStack();
  const key = new kms.Key(stack, 'Key');
  new LedgerStore(stack, 'Store', { encryptionKey: key }).grantDimension(makeRole(stack), 'price_book');
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([{ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: stack.resolve(key.keyArn) }]) },
  });
});

test('an imported store has the ARN of its partition', () => {
  const stack = makeStack();
  const { bucketArn } = LedgerStore.fromLedgerStoreAttributes(stack, 'Store', { bucketName: 'example-ledger' });
  expect(stack.resolve(bucketArn)).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::example-ledger']] });
});

test('server access logs go where the user says', () => {
  const stack = makeStack();
  new LedgerStore(stack, 'Store', { serverAccessLogsBucket: s3.Bucket.fromBucketName(stack, 'Logs', 'access-logs') });
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', { LoggingConfiguration: { DestinationBucketName: 'access-logs' } });
});

test('fails for accounts that are none, all of them at once', () => {
  expect(() => new LedgerStore(makeStack(), 'Store', { refreshingAccounts: ['1234', '123456789012', 'prod'] }))
    .toThrow(/has 2 problems:\n.*refreshingAccounts has "1234": use account ids of 12 digits\n.*"prod"/);
});

test('an account that is known at deployment only passes', () => {
  expect(() => new LedgerStore(makeStack(), 'Store', { refreshingAccounts: [Token.asString({ Ref: 'Account' })] })).not.toThrow();
});

test('a store is clean, and so is a role that refreshes it', () => {
  expect(nagFindings(stack => {
    new LedgerStore(stack, 'Store', { refreshingAccounts: ['777788889999'] }).grantDimension(makeRole(stack), 'price_book');
  })).toEqual([]);
});
