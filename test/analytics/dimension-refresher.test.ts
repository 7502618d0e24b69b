import { App, CfnParameter, Duration, Fn, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { DimensionRefresher, type DimensionRefresherProps, type ILedgerStore, LedgerStore } from '../../lib/analytics';
import { AttributionKey, AttributionSchema, Cardinality } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';

const env = { account: '111122223333', region: 'eu-west-1' };
const GATEWAY = 'arn:aws:iam::111122223333:role/gateways/chat';
const schema = new AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.of('team', { description: 'Who answers.', spellings: { resourceTag: 'Team', principalTag: 'CostTeam' } }),
    AttributionKey.of('squad', { description: 'Who answered.', deprecatedInFavourOf: 'team' }),
    AttributionKey.of('request_id', { description: 'Which request.', cardinality: Cardinality.HIGH }),
  ],
});

let app: App;
let stack: Stack;
let store: ILedgerStore;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env });
  store = LedgerStore.fromLedgerStoreAttributes(stack, 'Store', { bucketName: 'the-ledger' });
});

function makeRefresher(props: Partial<DimensionRefresherProps> = {}, scope = stack): DimensionRefresher {
  return new DimensionRefresher(scope, 'Dimensions', { store, schema, ...props });
}

function templateOf(props: Partial<DimensionRefresherProps> = {}): Template {
  makeRefresher(props);
  return Template.fromStack(stack);
}

/** Environment variables of the function. */
function variablesOf(template: Template): Record<string, unknown> {
  const [{ Properties }] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Handler: 'index.handler' } }));
  return Properties.Environment.Variables as Record<string, unknown>;
}

/** Statements of the function's role on what it lists. */
function listingStatementsOf(template: Template): object[] {
  const [{ Properties }] = Object.values(template.findResources('AWS::IAM::Role'));
  return (Properties.Policies as { PolicyDocument: { Statement: object[] } }[])[0].PolicyDocument.Statement.slice(1);
}

/** Statements of the function's role on the ledger. */
function fileStatementsOf(template: Template): object[] {
  const [{ Properties }] = Object.values(template.findResources('AWS::IAM::Policy'));
  return Properties.PolicyDocument.Statement as object[];
}

const arn = (rest: string): object => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${rest}`]] });
const allow = (Action: string | string[], Resource: unknown): object => ({ Effect: 'Allow', Action, Resource });
const PROFILE_RIGHTS = [
  allow('bedrock:ListInferenceProfiles', '*'),
  allow('bedrock:ListTagsForResource', arn('bedrock:eu-west-1:111122223333:application-inference-profile/*')),
];

describe('the function', () => {
  test('lists every hour by default', () => {
    templateOf().hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 hour)', Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DimensionsFunction'), 'Arn'] } }],
    });
  });

  test.each([
    [Duration.minutes(15), 'rate(15 minutes)'],
    [Duration.days(1), 'rate(1 day)'],
  ])('lists as often as it is told to: %s', (schedule, expression) => {
    templateOf({ schedule }).hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: expression });
  });

  test('knows the ledger, its place, and the tag keys of all keys that ride on tags, former ones too', () => {
    const { RESOURCE_TAG_KEYS, PRINCIPAL_TAG_KEYS, ...others } = variablesOf(templateOf());
    expect(JSON.parse(String(RESOURCE_TAG_KEYS))).toEqual(['Team', 'squad']);
    expect(JSON.parse(String(PRINCIPAL_TAG_KEYS))).toEqual(['CostTeam', 'squad']);
    expect(others).toEqual({ LEDGER_BUCKET: 'the-ledger', ACCOUNT_ID: '111122223333', LISTED_REGION: 'eu-west-1', PRINCIPAL_PATH_PREFIXES: '/' });
  });

  test('may list profiles and principals and read their tags, no more', () => {
    expect(listingStatementsOf(templateOf())).toEqual([
      ...PROFILE_RIGHTS,
      allow(['iam:ListRoles', 'iam:ListUsers'], '*'),
      allow('iam:ListRoleTags', arn('iam::111122223333:role/*')),
      allow('iam:ListUserTags', arn('iam::111122223333:user/*')),
    ]);
  });

  test('may read tags below the paths of principals only', () => {
    const template = templateOf({ principalPathPrefixes: ['/teams/', '/gateways/'] });
    expect(variablesOf(template).PRINCIPAL_PATH_PREFIXES).toBe('/teams/\n/gateways/');
    expect(listingStatementsOf(template)).toEqual(expect.arrayContaining([
      allow('iam:ListRoleTags', ['teams', 'gateways'].map(path => arn(`iam::111122223333:role/${path}/*`))),
      allow('iam:ListUserTags', ['teams', 'gateways'].map(path => arn(`iam::111122223333:user/${path}/*`))),
    ]));
  });

  test('has nothing to do with principals when it is not to list them', () => {
    const template = templateOf({ listPrincipals: false });
    expect(listingStatementsOf(template)).toEqual(PROFILE_RIGHTS);
    expect(Object.keys(variablesOf(template))).toEqual(['LEDGER_BUCKET', 'ACCOUNT_ID', 'LISTED_REGION', 'RESOURCE_TAG_KEYS']);
    expect(JSON.stringify(fileStatementsOf(template))).not.toContain('principals');
  });

  test('lists projects when it is told to', () => {
    const template = templateOf({ listPrincipals: false, listProjects: true });
    expect(variablesOf(template)).toMatchObject({ LIST_PROJECTS: 'true' });
    expect(listingStatementsOf(template)).toEqual([
      ...PROFILE_RIGHTS,
      allow(['bedrock-mantle:ListProjects', 'bedrock-mantle:ListTagsForResource'], arn('bedrock-mantle:eu-west-1:111122223333:project/*')),
    ]);
  });

  test('does not list projects when it is told not to', () => {
    expect(variablesOf(templateOf({ listProjects: false }))).not.toHaveProperty('LIST_PROJECTS');
  });

  test('knows who declares keys for others', () => {
    expect(JSON.parse(String(variablesOf(templateOf({ declaresForOthers: { [GATEWAY]: ['team', 'request_id'] } })).DECLARES_FOR_OTHERS)))
      .toEqual([{ arn: GATEWAY, keys: 'team,request_id' }]);
  });

  test('knows who declares keys for others by an ARN that is known at deployment only', () => {
    const { roleArn } = new iam.Role(stack, 'Gateway', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    makeRefresher({ declaresForOthers: { [roleArn]: ['team'] } });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
    expect(Properties.Environment.Variables.DECLARES_FOR_OTHERS).toEqual({
      'Fn::Join': ['', ['[{"arn":"', { 'Fn::GetAtt': [expect.stringMatching(/^Gateway/), 'Arn'] }, '","keys":"team"}]']],
    });
  });

  test('reads and writes its own files only', () => {
    const files = ['inference_profiles/111122223333/eu-west-1', 'principals/111122223333'];
    expect(fileStatementsOf(templateOf())).toEqual(files.flatMap(file => [
      allow(['s3:GetObject', 's3:PutObject'], arn(`s3:::the-ledger/dimensions/${file}*`)),
      { ...allow('s3:ListBucket', arn('s3:::the-ledger')), Condition: { StringLike: { 's3:prefix': `dimensions/${file}*` } } },
    ]));
  });

  test('uses the key of the ledger, also one of another account', () => {
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab');
    store = LedgerStore.fromLedgerStoreAttributes(stack, 'Encrypted', { bucketName: 'the-ledger', encryptionKey });
    expect(fileStatementsOf(templateOf())).toContainEqual(allow(['kms:Decrypt', 'kms:GenerateDataKey'], encryptionKey.keyArn));
  });

  test('writes into a ledger of the same app', () => {
    store = new LedgerStore(stack, 'Own');
    expect(variablesOf(templateOf()).LEDGER_BUCKET).toEqual({ Ref: expect.stringMatching(/^OwnBucket/) });
  });
});

describe('the alarms', () => {
  test('a refresh that fails sets off an alarm, with the page that helps', () => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors', Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp('dimension-refresher-errors\\.md$'),
    });
  });

  test.each([
    [undefined, 3],
    [Duration.hours(6), 13],
    [Duration.days(1), 49],
  ])('silence for the time of two refreshes sets off an alarm: %s', (schedule, EvaluationPeriods) => {
    templateOf({ schedule }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Invocations', Period: 3600, EvaluationPeriods, Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^DimensionsFunction') } }],
      AlarmDescription: Match.stringLikeRegexp('dimension-refresher-errors\\.md$'),
    });
  });

  test('tell the topic when they go off and when they end', () => {
    const topic = new sns.Topic(stack, 'Topic');
    const template = templateOf({ notificationTopic: topic });
    const actions = [stack.resolve(topic.topicArn)];
    template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions: actions, OKActions: actions }, 2);
  });

  test('tell nobody without a topic', () => {
    templateOf().resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent() }, 2);
  });

  test('can be reached, as can the function', () => {
    const refresher = makeRefresher();
    expect([refresher.errorAlarm, refresher.silenceAlarm, refresher.function].map(({ node }) => node.path)).toEqual([
      'Stack/Dimensions/ErrorAlarm', 'Stack/Dimensions/SilenceAlarm', 'Stack/Dimensions/Function/Handler',
    ]);
  });
});

describe('input', () => {
  test('takes tokens', () => {
    const anywhere = new Stack(app, 'Anywhere');
    const text = (id: string): string => new CfnParameter(anywhere, id).valueAsString;
    store = LedgerStore.fromLedgerStoreAttributes(anywhere, 'Store', { bucketName: text('Bucket') });
    makeRefresher({
      schedule: Duration.hours(Token.asNumber(new CfnParameter(anywhere, 'Number', { type: 'Number' }).value)),
      principalPathPrefixes: [text('Path')],
      declaresForOthers: { [text('Gateway')]: [text('Declared')], [GATEWAY]: ['team'] },
    }, anywhere);
    const template = Template.fromStack(anywhere);
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: { 'Fn::Join': ['', ['rate(', { Ref: 'Number' }, ' hours)']] } });
    expect(variablesOf(template)).toMatchObject({
      LEDGER_BUCKET: { Ref: 'Bucket' },
      ACCOUNT_ID: { Ref: 'AWS::AccountId' },
      LISTED_REGION: { Ref: 'AWS::Region' },
      PRINCIPAL_PATH_PREFIXES: { Ref: 'Path' },
    });
  });

  test('takes lists that are known at deployment only', () => {
    const list = (id: string): string[] => Fn.split(',', new CfnParameter(stack, id).valueAsString);
    const template = templateOf({ principalPathPrefixes: list('Paths'), declaresForOthers: { [GATEWAY]: list('Keys') } });
    const joined = (delimiter: string, Ref: string): object => ({ 'Fn::Join': [delimiter, { 'Fn::Split': [',', { Ref }] }] });
    expect(variablesOf(template)).toMatchObject({
      PRINCIPAL_PATH_PREFIXES: joined('\n', 'Paths'),
      DECLARES_FOR_OTHERS: { 'Fn::Join': ['', [`[{"arn":"${GATEWAY}","keys":"`, joined(',', 'Keys'), '"}]']] },
    });
    expect(listingStatementsOf(template)).toContainEqual(allow('iam:ListRoleTags', arn('iam::111122223333:role/*')));
  });

  test.each([
    [Duration.minutes(14), '14 minutes'],
    [Duration.seconds(1000), '16 minutes 40 seconds'],
    [Duration.minutes(24 * 60 + 1), '1 day 1 minute'],
  ])('fails with %s as schedule', (schedule, text) => {
    expect(() => makeRefresher({ schedule })).toThrow(`schedule is ${text}; give whole minutes, from 15 minutes to 1 day`);
  });

  test.each(['', 'teams/', '/teams', '/te ams/', `/${'x'.repeat(511)}/`])('fails with %p among principalPathPrefixes', prefix => {
    expect(() => makeRefresher({ principalPathPrefixes: ['/fine/', prefix] })).toThrow(`principalPathPrefixes[1] is ${JSON.stringify(prefix)}; give a path`);
  });

  test('takes the longest path that IAM knows', () => {
    expect(() => makeRefresher({ principalPathPrefixes: [`/${'x'.repeat(510)}/`] })).not.toThrow();
  });

  test('fails with the same path twice', () => {
    expect(() => makeRefresher({ principalPathPrefixes: ['/a/', '/a/'] })).toThrow('principalPathPrefixes has "/a/" twice; give it once');
  });

  test('fails without any path', () => {
    expect(() => makeRefresher({ principalPathPrefixes: [] })).toThrow('principalPathPrefixes is []; give a path, or leave it out');
  });

  test.each([
    ['principalPathPrefixes', { principalPathPrefixes: ['/a/'] }],
    ['declaresForOthers', { declaresForOthers: { [GATEWAY]: ['team'] } }],
  ])('fails with %s for principals that are not listed', (name, props) => {
    expect(() => makeRefresher({ listPrincipals: false, ...props })).toThrow(`${name} is given while listPrincipals is false`);
  });

  test.each([
    'chat', 'arn:aws:sts::111122223333:assumed-role/chat/session', 'arn:aws:iam::1111:role/chat', 'arn:aws:iam::111122223333:group/chat',
  ])('fails with %p in declaresForOthers, which is no role or user', principal => {
    expect(() => makeRefresher({ declaresForOthers: { [principal]: ['team'] } })).toThrow(
      `declaresForOthers has ${JSON.stringify(principal)}; give the ARN of a role or user`);
  });

  test('fails with a principal of another account', () => {
    const other = GATEWAY.replace('111122223333', '444455556666');
    expect(() => makeRefresher({ declaresForOthers: { [other]: ['team'] } })).toThrow(
      'but the account is "111122223333"; give it to the refresher of account "444455556666"');
  });

  test.each([[GATEWAY], ['arn:aws:iam::111122223333:user/chat']])('fails with %p outside of the paths', principal => {
    expect(() => makeRefresher({ principalPathPrefixes: ['/teams/'], declaresForOthers: { [principal]: ['team'] } })).toThrow(
      'which is below none of principalPathPrefixes, ["/teams/"]; add its path');
  });

  test.each(['request', 'squad'])('fails with %p as key that is declared for others', key => {
    expect(() => makeRefresher({ declaresForOthers: { [GATEWAY]: [key] } })).toThrow(
      `has ${JSON.stringify(key)}, which is no key in use of the schema; give one of team, request_id`);
  });

  test('fails with a principal that declares nothing for others', () => {
    expect(() => makeRefresher({ declaresForOthers: { [GATEWAY]: [] } })).toThrow(`declaresForOthers["${GATEWAY}"] is []; name its keys`);
  });

  test('fails with more than the environment of a function has room for', () => {
    const many = (count: number): Record<string, string[]> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${GATEWAY}-${index}`, ['team']]));
    expect(() => makeRefresher({ declaresForOthers: many(60) })).toThrow(/declaresForOthers take \d{4} bytes, but a function has room for 4096; /);
    expect(() => new DimensionRefresher(new Stack(app, 'Few', { env }), 'Dimensions', { store, schema, declaresForOthers: many(40) })).not.toThrow();
  });

  test.each([
    ['the same stack', () => stack],
    ['a nested stack', () => new NestedStack(stack, 'Nested')],
  ])('fails with a second refresher in %s, naming the first', (_case, scope) => {
    makeRefresher();
    expect(() => new DimensionRefresher(scope(), 'Second', { store, schema })).toThrow('Stack/Dimensions lists the same profiles of the same account and Region');
  });

  test('fails with everything that is wrong at once', () => {
    expect(() => makeRefresher({ schedule: Duration.minutes(1), principalPathPrefixes: ['x'], declaresForOthers: { me: ['nobody'] } })).toThrow(
      /the dimension refresher has 4 problems[^]*schedule[^]*principalPathPrefixes\[0\][^]*"me"[^]*"nobody"/);
  });
});

test.each([
  ['all that it can, of a ledger elsewhere', { listProjects: true, principalPathPrefixes: ['/a/', '/b/'] }, false],
  ['profiles only, of a ledger of the same stack', { listPrincipals: false }, true],
])('has no finding of cdk-nag when it lists %s', (_case, props, isOwn) => {
  expect(nagFindings(scope => {
    const ledger = isOwn ? new LedgerStore(scope, 'Store') : LedgerStore.fromLedgerStoreAttributes(scope, 'Store', { bucketName: 'the-ledger' });
    new DimensionRefresher(scope, 'Dimensions', {
      store: ledger, schema, notificationTopic: new sns.Topic(scope, 'Topic', { enforceSSL: true }), ...props,
    });
  })).toEqual([]);
});
