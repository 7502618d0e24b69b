import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as fc from 'fast-check';
import { InvocationLogStore } from '../../lib/invocation-logging';
import { InvocationLogArchive } from '../../lib/invocation-logging/invocation-log-archive';
import { ArchivedAccounts } from '../../lib/invocation-logging/invocation-log-archived-accounts';
import { type Authorization, isAllowed, type Statement } from '../support/evaluate-policy';

const ACCOUNT = '111122223333';
const NEIGHBOUR = '444455556666';
const LEDGER = '999900001111';
const ORGANIZATION = 'o-a1b2c3d4e5';
const OWN_FOLDER = `logs/AWSLogs/${ACCOUNT}/BedrockModelInvocationLogs/`;
const TLS = { 'aws:SecureTransport': 'true' };

interface Place {
  readonly partition: string;
  readonly region: string;
}

const PLACES: Place[] = [
  { partition: 'aws', region: 'eu-west-1' },
  { partition: 'aws-us-gov', region: 'us-gov-west-1' },
  { partition: 'aws-cn', region: 'cn-north-1' },
];

interface PolicyResource {
  readonly Properties: Readonly<Partial<Record<'PolicyDocument' | 'KeyPolicy', { readonly Statement: Statement[] }>>>;
}

/** The statements of the only policy of a type, with the references that only the deployment knows filled in. */
function statementsOf(stack: Stack, type: string, { partition, region }: Place): Statement[] {
  const [resource] = Object.values(Template.fromStack(stack).findResources(type)) as PolicyResource[];
  const known: Record<string, string> = { 'AWS::Partition': partition, 'AWS::AccountId': ACCOUNT, 'AWS::Region': region };
  const { PolicyDocument, KeyPolicy } = resource.Properties;
  return JSON.parse(JSON.stringify((PolicyDocument ?? KeyPolicy)?.Statement), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('Fn::GetAtt' in value) return `arn:${partition}:s3:::bucket`;
    return 'Ref' in value ? known[value.Ref as string] ?? 'bucket' : value;
  }) as Statement[];
}

/** A caller that is a role, with what IAM knows of it. */
function roleOf(partition: string, account: string, name = 'bedrock-cost-attribution/log-replication/Store'): Required<Pick<Authorization, 'principal' | 'context'>> {
  const principal = `arn:${partition}:iam::${account}:role/${name}`;
  return { principal, context: { ...TLS, 'aws:PrincipalArn': principal, 'aws:PrincipalAccount': account, 'aws:PrincipalOrgID': ORGANIZATION } };
}

/** Keys that lie about the folder: in it, beside it, above it, and anywhere. */
const key = fc.oneof(
  fc.string().map(rest => `${OWN_FOLDER}${rest}`),
  fc.constantFrom(OWN_FOLDER, `/${OWN_FOLDER}`, OWN_FOLDER.slice(0, -1), OWN_FOLDER.replace(ACCOUNT, NEIGHBOUR), OWN_FOLDER.toLowerCase(), OWN_FOLDER.slice(5))
    .chain(folder => fc.string().map(rest => `${folder}${rest}`)),
  fc.string(),
);

describe.each(PLACES)('the policy of a store in $partition', place => {
  const { partition, region } = place;
  let statements: Statement[];

  beforeAll(() => {
    const stack = new Stack(new App(), 'Stack', { env: { account: ACCOUNT, region } });
    new InvocationLogStore(stack, 'Store', { keyPrefix: '/logs/' });
    statements = statementsOf(stack, 'AWS::S3::BucketPolicy', place);
  });

  function delivery(given: Partial<Authorization> & { path?: string; from?: Record<string, string> } = {}): Authorization {
    const { path = `${OWN_FOLDER}${region}/2026/11/21/05/x.json.gz`, from = {}, ...rest } = given;
    return {
      principal: 'bedrock.amazonaws.com',
      action: 's3:PutObject',
      resource: `arn:${partition}:s3:::bucket/${path}`,
      context: { ...TLS, 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': `arn:${partition}:bedrock:${region}:${ACCOUNT}:*`, ...from },
      ...rest,
    };
  }

  test('lets Bedrock write exactly below its own folder', () => {
    fc.assert(fc.property(key, path => {
      expect(isAllowed(statements, [delivery({ path })])).toBe(path.startsWith(OWN_FOLDER));
    }), { endOnFailure: true });
  });

  test('lets Bedrock leave the object of its permission check', () => {
    expect(isAllowed(statements, [delivery({ path: `${OWN_FOLDER}amazon-bedrock-logs-permission-check` })])).toBe(true);
  });

  test.each<[string, Authorization]>([
    ['for another account', delivery({ from: { 'aws:SourceAccount': NEIGHBOUR } })],
    ['with a configuration of another account', delivery({ from: { 'aws:SourceArn': `arn:${partition}:bedrock:${region}:${NEIGHBOUR}:*` } })],
    ['with a configuration of another Region', delivery({ from: { 'aws:SourceArn': `arn:${partition}:bedrock:us-west-2:${ACCOUNT}:*` } })],
    ['with a resource of another service', delivery({ from: { 'aws:SourceArn': `arn:${partition}:lambda:${region}:${ACCOUNT}:*` } })],
    ['for nobody', { ...delivery(), context: TLS }],
    ['without TLS', delivery({ from: { 'aws:SecureTransport': 'false' } })],
  ])('does not let Bedrock write %s', (_case, authorization) => {
    expect(isAllowed(statements, [authorization])).toBe(false);
  });

  test.each(['s3:GetObject', 's3:DeleteObject', 's3:PutObjectAcl', 's3:PutObjectTagging', 's3:ListBucket'])('does not let Bedrock %s', action => {
    expect(isAllowed(statements, [delivery({ action })])).toBe(false);
  });

  test.each(['delivery.logs.amazonaws.com', `arn:${partition}:iam::${ACCOUNT}:role/x`, `arn:${partition}:iam::${NEIGHBOUR}:role/x`])('lets in no %s', principal => {
    expect(isAllowed(statements, [delivery({ principal })])).toBe(false);
  });
});

describe.each(PLACES)('the policy of an archive in $partition', place => {
  const { partition, region } = place;

  function archivePolicy(sources: ArchivedAccounts): Statement[] {
    const stack = new Stack(new App(), 'Stack', { env: { account: LEDGER, region } });
    new InvocationLogArchive(stack, 'Archive', { sources, keyPrefix: 'logs' });
    return statementsOf(stack, 'AWS::S3::BucketPolicy', place);
  }

  function replication(path: string, account = ACCOUNT, action = 's3:ReplicateObject'): Authorization {
    return { ...roleOf(partition, account), action, resource: `arn:${partition}:s3:::bucket/${path}` };
  }

  describe.each([
    ['two accounts', ArchivedAccounts.fromAccounts([ACCOUNT, NEIGHBOUR])],
    ['an organization', ArchivedAccounts.fromOrganization(ORGANIZATION)],
  ])('of %s', (_sources, sources) => {
    let statements: Statement[];

    beforeAll(() => {
      statements = archivePolicy(sources);
    });

    test('lets the replication role of each account write exactly below the folder of its account', () => {
      fc.assert(fc.property(key, fc.constantFrom(ACCOUNT, NEIGHBOUR), (path, account) => {
        expect(isAllowed(statements, [replication(path, account)])).toBe(path.startsWith(OWN_FOLDER.replace(ACCOUNT, account)));
      }), { endOnFailure: true });
    });

    test.each(['s3:ReplicateTags', 's3:ObjectOwnerOverrideToBucketOwner'])('lets a replication role %s', action => {
      expect(isAllowed(statements, [replication(`${OWN_FOLDER}x`, ACCOUNT, action)])).toBe(true);
    });

    test.each(['s3:ReplicateDelete', 's3:PutObject', 's3:DeleteObjectVersion', 's3:GetObject'])('lets no replication role %s', action => {
      expect(isAllowed(statements, [replication(`${OWN_FOLDER}x`, ACCOUNT, action)])).toBe(false);
    });

    test.each(['x', 'log-replication/x', 'other/bedrock-cost-attribution/log-replication/x'])('lets the role %s write nothing', role => {
      expect(isAllowed(statements, [{ ...replication(`${OWN_FOLDER}x`), ...roleOf(partition, ACCOUNT, role) }])).toBe(false);
    });

    test('refuses replication without TLS', () => {
      const { context, ...authorization } = replication(`${OWN_FOLDER}x`);
      expect(isAllowed(statements, [{ ...authorization, context: { ...context, 'aws:SecureTransport': 'false' } }])).toBe(false);
    });
  });

  test('lets no account write that is not named', () => {
    const statements = archivePolicy(ArchivedAccounts.fromAccounts([ACCOUNT]));
    expect(isAllowed(statements, [replication(OWN_FOLDER.replace(ACCOUNT, NEIGHBOUR), NEIGHBOUR)])).toBe(false);
  });

  test('lets no account of another organization write', () => {
    const statements = archivePolicy(ArchivedAccounts.fromOrganization(ORGANIZATION));
    const { context, ...authorization } = replication(`${OWN_FOLDER}x`);
    expect(isAllowed(statements, [{ ...authorization, context: { ...context, 'aws:PrincipalOrgID': 'o-zzzzzzzzzz' } }])).toBe(false);
  });
});

describe.each(PLACES)('the policy of the key in $partition', place => {
  const { partition, region } = place;
  const viaS3 = { 'kms:ViaService': `s3.${region}.amazonaws.com` };

  function keyPolicy(account: string, build: (stack: Stack, encryptionKey: kms.Key) => void): Statement[] {
    const stack = new Stack(new App(), 'Stack', { env: { account, region } });
    build(stack, new kms.Key(stack, 'Key'));
    return statementsOf(stack, 'AWS::KMS::Key', place);
  }

  test.each<[string, boolean, Record<string, string>]>([
    ['lets Bedrock encrypt', true, {}],
    ['does not let Bedrock encrypt for another account', false, { 'aws:SourceAccount': NEIGHBOUR }],
    ['does not let Bedrock encrypt for another Region', false, { 'aws:SourceArn': `arn:${partition}:bedrock:us-west-2:${ACCOUNT}:*` }],
  ])('of a store %s', (_case, allowed, from) => {
    const statements = keyPolicy(ACCOUNT, (stack, encryptionKey) => new InvocationLogStore(stack, 'Store', { encryptionKey }));
    const context = { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': `arn:${partition}:bedrock:${region}:${ACCOUNT}:*`, ...from };
    expect(isAllowed(statements, [{ principal: 'bedrock.amazonaws.com', action: 'kms:GenerateDataKey', resource: 'key', context }])).toBe(allowed);
    expect(isAllowed(statements, [{ principal: 'bedrock.amazonaws.com', action: 'kms:Decrypt', resource: 'key', context }])).toBe(false);
  });

  describe.each([
    ['two accounts', ArchivedAccounts.fromAccounts([ACCOUNT, NEIGHBOUR])],
    ['an organization', ArchivedAccounts.fromOrganization(ORGANIZATION)],
  ])('of an archive of %s', (_sources, sources) => {
    const decide = (context: Record<string, string>, action = 'kms:Encrypt'): boolean => {
      const statements = keyPolicy(LEDGER, (stack, encryptionKey) => new InvocationLogArchive(stack, 'Archive', { sources, encryptionKey }));
      return isAllowed(statements, [{ principal: context['aws:PrincipalArn'], action, resource: 'key', context }]);
    };
    const { context } = roleOf(partition, NEIGHBOUR);

    test.each(['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'])('lets a replication role %s through S3', action => {
      expect(decide({ ...context, ...viaS3 }, action)).toBe(true);
    });

    test.each<[string, Record<string, string>]>([
      ['a replication role by itself', context],
      ['a replication role through another service', { ...context, 'kms:ViaService': `ec2.${region}.amazonaws.com` }],
      ['another role through S3', { ...roleOf(partition, NEIGHBOUR, 'x').context, ...viaS3 }],
    ])('does not let in %s', (_case, stranger) => {
      expect(decide(stranger)).toBe(false);
    });
  });
});

describe.each(PLACES)('the role of replication in $partition', place => {
  const { partition, region } = place;
  let statements: Statement[];

  beforeAll(() => {
    const stack = new Stack(new App(), 'Stack', { env: { account: ACCOUNT, region } });
    const archive = InvocationLogArchive.fromInvocationLogArchiveAttributes(stack, 'Archive', {
      bucket: s3.Bucket.fromBucketName(stack, 'ArchiveBucket', 'ledger'), account: LEDGER, region, keyPrefix: 'logs',
    });
    new InvocationLogStore(stack, 'Store', { archive, keyPrefix: 'logs' });
    statements = statementsOf(stack, 'AWS::IAM::Policy', place);
  });

  test('reads and replicates exactly what lies below its own folder', () => {
    fc.assert(fc.property(key, fc.constantFrom('bucket', 'ledger'), (path, bucket) => {
      const resource = `arn:${partition}:s3:::${bucket}/${path}`;
      const inFolder = path.startsWith(OWN_FOLDER);
      expect(isAllowed(statements, [{ action: 's3:GetObjectVersionForReplication', resource }])).toBe(inFolder && bucket === 'bucket');
      expect(isAllowed(statements, [{ action: 's3:ReplicateObject', resource }])).toBe(inFolder && bucket === 'ledger');
    }), { endOnFailure: true });
  });

  test.each(['s3:GetReplicationConfiguration', 's3:ListBucket'])('may %s of its own bucket only', action => {
    expect(isAllowed(statements, [{ action, resource: `arn:${partition}:s3:::bucket` }])).toBe(true);
    expect(isAllowed(statements, [{ action, resource: `arn:${partition}:s3:::ledger` }])).toBe(false);
  });

  test.each(['s3:ReplicateDelete', 's3:DeleteObject', 's3:PutObject', 's3:GetObject'])('may nowhere %s', action => {
    for (const bucket of ['bucket', 'ledger']) {
      expect(isAllowed(statements, [{ action, resource: `arn:${partition}:s3:::${bucket}/${OWN_FOLDER}x` }])).toBe(false);
    }
  });
});
