import { App, Aws, CfnParameter, Duration, Fn, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { InvocationLogArchive, type InvocationLogArchiveProps } from '../../lib/invocation-logging/invocation-log-archive';
import { ArchivedAccounts } from '../../lib/invocation-logging/invocation-log-archived-accounts';
import { nagFindings } from '../nag/nag-findings';

const LEDGER = { account: '999900001111', region: 'us-east-1' };
const TWO_ACCOUNTS = ArchivedAccounts.fromAccounts(['111122223333', '444455556666']);
const ORGANIZATION = ArchivedAccounts.fromOrganization('o-a1b2c3d4e5');
const ROLES = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::*:role/bedrock-cost-attribution/log-replication/*']] };

interface PolicyResource {
  readonly Properties: { readonly PolicyDocument: unknown };
}

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Ledger', { env: LEDGER });
});

function templateOf(props: Partial<InvocationLogArchiveProps> = {}): Template {
  new InvocationLogArchive(stack, 'Archive', { sources: ORGANIZATION, ...props });
  return Template.fromStack(stack);
}

function manyAccounts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));
}

function rootOf(account: string): unknown {
  return { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:root`]] };
}

test('is a versioned, private bucket that is kept, with keys of S3', () => {
  templateOf().hasResource('AWS::S3::Bucket', {
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
      },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      LifecycleConfiguration: {
        Rules: [Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 30 }, ExpiredObjectDeleteMarker: true })],
      },
    },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
});

test('refuses requests without TLS', () => {
  templateOf().hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
    },
  });
});

test('admits the replication roles of an organization, each to the folder of its account, in one statement', () => {
  templateOf({ keyPrefix: '/logs/' }).hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([{
        Sid: 'ReplicateIntoFolderOfOwnAccount',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['s3:ObjectOwnerOverrideToBucketOwner', 's3:ReplicateObject', 's3:ReplicateTags'],
        Resource: { 'Fn::Join': ['', [Match.anyValue(), '/logs/AWSLogs/${aws:PrincipalAccount}/BedrockModelInvocationLogs/*']] },
        Condition: { ArnLike: { 'aws:PrincipalArn': ROLES }, StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
      }]),
    },
  });
});

test('admits the replication roles of the accounts that are named, by principals that S3 does not take for public', () => {
  templateOf({ sources: TWO_ACCOUNTS }).hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({
        Sid: 'ReplicateIntoFolderOfOwnAccount',
        Principal: { AWS: [rootOf('111122223333'), rootOf('444455556666')] },
        Condition: { ArnLike: { 'aws:PrincipalArn': ROLES } },
      })]),
    },
  });
});

test('has room for 400 accounts in the 20 KB of a bucket policy, in any partition', () => {
  const [policy] = Object.values(templateOf({ sources: ArchivedAccounts.fromAccounts(manyAccounts(400)) }).findResources('AWS::S3::BucketPolicy')) as PolicyResource[];
  const text = JSON.stringify(policy.Properties.PolicyDocument).replaceAll(/\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}/g, '"arn:aws-us-gov$1"');
  expect(text).toContain('"arn:aws-us-gov:iam::100000000399:root"');
  expect(text.length).toBeLessThan(20_480);
});

test('takes the name, the ages, the access-log bucket and the removal policy that it is given', () => {
  templateOf({
    bucketName: 'ledger-logs',
    objectExpiration: Duration.days(400),
    transitions: [{ storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) }],
    serverAccessLogsBucket: s3.Bucket.fromBucketName(stack, 'AccessLogs', 'access-logs'),
    removalPolicy: RemovalPolicy.DESTROY,
  }).hasResource('AWS::S3::Bucket', {
    Properties: {
      BucketName: 'ledger-logs',
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 400, Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }] })] },
      LoggingConfiguration: { DestinationBucketName: 'access-logs' },
    },
    DeletionPolicy: 'Delete',
  });
});

test('takes tokens for everything that it checks', () => {
  const token = (name: string): string => new CfnParameter(stack, name).valueAsString;
  const props: InvocationLogArchiveProps = {
    sources: ArchivedAccounts.fromAccounts([token('Account')]), bucketName: token('Name'), keyPrefix: token('Prefix'),
    objectExpiration: Duration.days(Token.asNumber(Fn.ref('Age'))),
  };
  expect(new InvocationLogArchive(stack, 'Archive', props).keyPrefix).toBe(props.keyPrefix);
  expect(() => new InvocationLogArchive(stack, 'OfOrganization', { sources: ArchivedAccounts.fromOrganization(token('Organization')) })).not.toThrow();
});

describe('with a customer managed key', () => {
  test('encrypts with it and admits the replication roles, through S3 only', () => {
    const encryptionKey = new kms.Key(stack, 'Key');
    const archive = new InvocationLogArchive(stack, 'Archive', { sources: ORGANIZATION, encryptionKey });
    expect(archive.encryptionKey).toBe(encryptionKey);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [Match.objectLike({ BucketKeyEnabled: true })] },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([{
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'],
          Resource: '*',
          Condition: {
            ArnLike: { 'aws:PrincipalArn': ROLES },
            StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
            StringLike: { 'kms:ViaService': 's3.*' },
          },
        }]),
      },
    });
  });

  test('names the accounts where they are known', () => {
    templateOf({ sources: TWO_ACCOUNTS, encryptionKey: new kms.Key(stack, 'Key') }).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([Match.objectLike({
          Principal: { AWS: [rootOf('111122223333'), rootOf('444455556666')] },
          Condition: { ArnLike: { 'aws:PrincipalArn': ROLES }, StringLike: { 'kms:ViaService': 's3.*' } },
        })]),
      },
    });
  });

  test('warns that the policy of an imported key is in other hands', () => {
    templateOf({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:999900001111:key/0a1b') });
    Annotations.fromStack(stack).hasWarning('/Ledger/Archive', Match.stringLikeRegexp(
      'must have this statement.*"aws:PrincipalOrgID":"o-a1b2c3d4e5".*bedrock-cost-attribution:keyPolicyNotManaged'));
  });
});

test.each([ORGANIZATION, TWO_ACCOUNTS])('an archive is clean', sources => {
  expect(nagFindings(clean => new InvocationLogArchive(clean, 'Archive', { sources }))).toEqual([]);
});

describe('fails', () => {
  test.each<[string, Partial<InvocationLogArchiveProps>, string]>([
    ['without an account', { sources: ArchivedAccounts.fromAccounts([]) }, 'no account is named; name at least one or take the organization'],
    ['with more accounts than a policy has room for', { sources: ArchivedAccounts.fromAccounts(manyAccounts(401)) }, '401 accounts are named; at most 400 fit'],
    ['with an account of 11 digits', { sources: ArchivedAccounts.fromAccounts(['11112222333']) }, 'an account is "11112222333"; give 12 digits'],
    ['with accounts that only the deployment knows', { sources: ArchivedAccounts.fromAccounts(Fn.split(',', Aws.STACK_NAME)) }, 'known only at deployment'],
    ['with an organization that is none', { sources: ArchivedAccounts.fromOrganization('r-ab12') }, 'the organization is "r-ab12"; give its id'],
    ['with a wildcard in the prefix', { keyPrefix: 'logs-?' }, 'keyPrefix is "logs-?"'],
    ['with ages that S3 refuses', { objectExpiration: Duration.hours(1) }, 'objectExpiration is'],
  ])('%s', (_case, props, message) => {
    expect(() => templateOf(props)).toThrow(message);
  });

  test('naming every problem', () => {
    expect(() => templateOf({ sources: ArchivedAccounts.fromAccounts(['1', '2']), keyPrefix: '*' })).toThrow(/has 3 problems[^]*"1"[^]*"2"[^]*"\*"/);
  });
});

describe('imported', () => {
  const imported = (account: string, keyPrefix?: string): void => {
    InvocationLogArchive.fromInvocationLogArchiveAttributes(stack, 'Archive', {
      bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'ledger-logs'), account, region: 'eu-west-1', keyPrefix,
    });
  };

  test('hands on what it was given, in its own account and Region', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'ledger-logs');
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:444455556666:key/0a1b');
    const archive = InvocationLogArchive.fromInvocationLogArchiveAttributes(stack, 'Archive', {
      bucket, account: '444455556666', region: 'eu-west-1', keyPrefix: 'logs/', encryptionKey,
    });
    expect(archive).toMatchObject({ bucket, keyPrefix: 'logs', encryptionKey, env: { account: '444455556666', region: 'eu-west-1' } });
    expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
  });

  test('takes tokens', () => {
    expect(() => { imported(Aws.ACCOUNT_ID, Aws.STACK_NAME); }).not.toThrow();
  });

  test('fails with an account that is none and a prefix with a wildcard, naming both', () => {
    expect(() => { imported('ledger', 'a*'); }).toThrow(/account is "ledger"; give 12 digits[^]*keyPrefix is "a\*"/);
  });
});
