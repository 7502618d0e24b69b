import { App, CfnParameter, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { type ILedgerStore, LedgerStore, PriceRefresher, type PriceRefresherProps } from '../../lib/analytics';
import { nagFindings } from '../nag/nag-findings';

const env = { account: '111122223333', region: 'eu-central-1' };
const OVERRIDES = JSON.stringify({ entries: [{ model: 'm.one', token_type: 'input', usd: 1 }] });
const ALIASES = JSON.stringify({ entries: [{ kind: 'product_model', alias: 'One', model: 'm.one' }] });

let app: App;
let stack: Stack;
let store: ILedgerStore;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env });
  store = new LedgerStore(stack, 'Store');
});

function makeRefresher(props: Partial<PriceRefresherProps> = {}, scope = stack): PriceRefresher {
  return new PriceRefresher(scope, 'Prices', { store, regions: ['us-east-1', 'eu-west-1'], ...props });
}

function templateOf(props: Partial<PriceRefresherProps> = {}): Template {
  makeRefresher(props);
  return Template.fromStack(stack);
}

const BUCKET_ARN = { 'Fn::GetAtt': [expect.stringMatching(/^StoreBucket/), 'Arn'] };
const below = (path: string): object => ({ 'Fn::Join': ['', [BUCKET_ARN, path]] });

/** Statements of the function's role beside those on its log. */
function statementsOf(template: Template): object[] {
  const [role] = Object.values(template.findResources('AWS::IAM::Role', { Properties: { Description: Match.stringLikeRegexp('^Reads the AWS') } }));
  const [policy, ...others] = role.Properties.Policies as { PolicyDocument: { Statement: object[] } }[];
  expect(others).toEqual([]);
  return policy.PolicyDocument.Statement.slice(1);
}

describe('the function', () => {
  test('knows the bucket, the Regions, the price list and under which name to measure', () => {
    templateOf().hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: {
      LEDGER_BUCKET: { Ref: Match.stringLikeRegexp('^StoreBucket') },
      PRICE_REGIONS: 'us-east-1,eu-west-1',
      PRICE_LIST_URL: 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws',
      STACK_NAME: 'Stack',
    } } });
  });

  test('has the memory that the largest files of the price list take', () => {
    templateOf().hasResourceProperties('AWS::Lambda::Function', { MemorySize: 1024, Environment: { Variables: { PRICE_LIST_URL: Match.anyValue() } } });
  });

  test('reads another price list, if it is told to', () => {
    const priceListUrl = 'https://pricing.cn-north-1.amazonaws.com.cn/offers/v1.0/cn';
    templateOf({ priceListUrl }).hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { PRICE_LIST_URL: priceListUrl } } });
  });

  test.each([
    [undefined, 'rate(1 day)'],
    [Duration.hours(1), 'rate(1 hour)'],
    [Duration.minutes(90), 'rate(90 minutes)'],
  ])('works once a day, or as often as it is told to: %s', (schedule, ScheduleExpression) => {
    templateOf({ schedule }).hasResourceProperties('AWS::Events::Rule', { ScheduleExpression });
  });

  test('may read and add to its history and write the two tables, no more', () => {
    expect(statementsOf(templateOf())).toEqual([
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: below('/price-list/*') },
      { Effect: 'Allow', Action: 's3:PutObject', Resource: [below('/dimensions/price_book/prices.json'), below('/dimensions/model_aliases/aliases.json')] },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: BUCKET_ARN, Condition: { StringLike: { 's3:prefix': 'price-list/*' } } },
    ]);
  });

  test('may use the key of the bucket, where it has one', () => {
    const encryptionKey = new kms.Key(stack, 'Key');
    store = new LedgerStore(stack, 'Encrypted', { encryptionKey });
    expect(statementsOf(templateOf()).at(-1)).toEqual({
      Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
    });
  });
});

describe('the deployment', () => {
  test('refreshes, with prices and names of the user', () => {
    templateOf({ overrides: OVERRIDES, modelAliases: ALIASES }).hasResource('Custom::BedrockPriceBook', {
      Properties: {
        ServiceToken: { 'Fn::GetAtt': [Match.stringLikeRegexp('^PricesFunction'), 'Arn'] },
        ServiceTimeout: '1500',
        Reads: { 'Fn::Join': [',', [
          { Ref: Match.stringLikeRegexp('^StoreBucket') }, 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws,us-east-1,eu-west-1',
        ]] },
        Overrides: OVERRIDES,
        ModelAliases: ALIASES,
      },
      // after the rights of the function, and what the bucket has to be before anything is written
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^PricesFunctionRole'), Match.stringLikeRegexp('^StoreBucketPolicy')]),
    });
  });

  test('has nothing of the user where nothing was given', () => {
    templateOf().hasResourceProperties('Custom::BedrockPriceBook', { Overrides: Match.absent(), ModelAliases: Match.absent() });
  });

  test('comes before the schedule and before the alarm on silence', () => {
    const template = templateOf();
    const after = { DependsOn: Object.keys(template.findResources('Custom::BedrockPriceBook')) };
    template.hasResource('AWS::Events::Rule', after);
    template.hasResource('AWS::CloudWatch::Alarm', { ...after, Properties: { TreatMissingData: 'breaching' } });
  });
});

describe('the alarms', () => {
  const measured = (MetricName: string): object => ({
    Namespace: 'BedrockCostAttribution', MetricName, Dimensions: [{ Name: 'StackName', Value: 'Stack' }],
  });

  test.each([
    ['a file that could not be read', 'FailedPriceLists'],
    ['rows that are not understood', 'UnknownPriceRows'],
  ])('go off on %s, until a refresh finds none', (_case, metricName) => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...measured(metricName), Statistic: 'Maximum', Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'ignore',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  });

  test('go off on a refresh that fails', () => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^PricesFunction') } }],
    });
  });

  test.each([[undefined, 49], [Duration.hours(6), 13]])('go off when there was no refresh for the time of two: %s', (schedule, EvaluationPeriods) => {
    templateOf({ schedule }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...measured('FailedPriceLists'), Statistic: 'SampleCount', Period: 3600, EvaluationPeriods, TreatMissingData: 'breaching',
    });
  });

  test('each names its runbook', () => {
    const pages = Object.values(templateOf().findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) =>
      /Runbook: .*\/([a-z-]+)\.md$/.exec(Properties.AlarmDescription as string)?.[1]);
    expect(pages.sort()).toEqual(['price-list-unknown', 'price-list-unread', 'price-refresh-errors', 'price-refresh-errors']);
  });

  test('all of them tell the topic, when they go off and when they are over', () => {
    const template = templateOf({ notificationTopic: new sns.Topic(stack, 'Topic') });
    const action = { Ref: expect.stringMatching(/^Topic/) as string };
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(4);
    for (const alarm of alarms) expect(alarm).toMatchObject({ Properties: { AlarmActions: [action], OKActions: [action] } });
  });

  test('they tell nobody without a topic', () => {
    templateOf().resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent(), OKActions: Match.absent() }, 4);
  });
});

describe('input', () => {
  test('takes tokens', () => {
    const text = (id: string): string => new CfnParameter(stack, id).valueAsString;
    store = LedgerStore.fromLedgerStoreAttributes(stack, 'Imported', { bucketName: text('Bucket') });
    const number = Token.asNumber(new CfnParameter(stack, 'Number', { type: 'Number' }).value);
    const template = templateOf({
      regions: Fn.split(',', text('Regions')), overrides: text('Overrides'), modelAliases: text('Aliases'), priceListUrl: text('Url'),
      schedule: Duration.hours(number),
    });
    template.hasResourceProperties('Custom::BedrockPriceBook', { Overrides: { Ref: 'Overrides' }, ModelAliases: { Ref: 'Aliases' } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { EvaluationPeriods: 49 });
  });

  test('takes a token among the Regions', () => {
    const region = new CfnParameter(stack, 'Region').valueAsString;
    templateOf({ regions: ['us-east-1', region] }).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { PRICE_REGIONS: { 'Fn::Join': [',', ['us-east-1', { Ref: 'Region' }]] } } },
    });
  });

  test.each([
    ['no Region', { regions: [] }, 'regions is empty'],
    ['a Region that is none', { regions: ['Frankfurt'] }, 'regions[0] is "Frankfurt": use the code of a Region'],
    ['a Region twice', { regions: ['us-east-1', 'us-east-1'] }, 'regions has "us-east-1" twice'],
    ['a schedule that is too tight', { schedule: Duration.minutes(59) }, 'schedule is 59 minutes: use whole minutes, from an hour to a day'],
    ['a schedule that is too loose', { schedule: Duration.hours(25) }, 'schedule is 1 day 1 hour'],
    ['a schedule of broken minutes', { schedule: Duration.seconds(3601) }, 'schedule is 1 hour 1 second'],
    ['prices that are no price file', { overrides: '{"entries":[{}]}' }, 'overrides cannot be used: the price file has 3 problems'],
    ['names that are no alias file', { modelAliases: '{}' }, 'modelAliases cannot be used: the alias file has 1 problem'],
    ['an address with a slash at the end', { priceListUrl: 'https://example.com/' }, 'priceListUrl is "https://example.com/"'],
    ['an address without a scheme', { priceListUrl: 'example.com' }, 'priceListUrl is "example.com"'],
    ['more text than an event has room for', { overrides: `{"source":"${'x'.repeat(99_980)}"}` }, 'overrides and modelAliases take 100001 bytes as strings in JSON: use at most 100000'],
    ['more text than an event has room for, counted in bytes', { overrides: `{"source":"${'é'.repeat(50_000)}"}` }, 'take 100021 bytes'],
  ])('fails on %s', (_case, props, problem) => {
    expect(() => makeRefresher(props)).toThrow(problem);
  });

  test('takes as much text as an event has room for', () => {
    expect(() => makeRefresher({ overrides: `{"source":"${'x'.repeat(99_979)}"}` })).not.toThrow();
  });

  test('fails with all of its problems together', () => {
    expect(() => makeRefresher({ regions: [], overrides: '[]' })).toThrow('the price refresher has 2 problems');
  });

  test('fails in another account than the store, naming both', () => {
    const here = new Stack(app, 'Here', { env: { ...env, account: '444455556666' } });
    expect(() => makeRefresher({}, here)).toThrow('the store is in account "111122223333" and the refresher in "444455556666"');
  });

  test('fails where there is another one in the stack', () => {
    makeRefresher();
    expect(() => new PriceRefresher(stack, 'More', { store, regions: ['us-west-2'] })).toThrow('Stack/Prices refreshes prices from the same stack');
  });
});

test('cdk-nag finds nothing', () => {
  expect(nagFindings(scope => {
    const key = new kms.Key(scope, 'Key', { enableKeyRotation: true });
    new PriceRefresher(scope, 'Prices', { store: new LedgerStore(scope, 'Store', { encryptionKey: key }), regions: ['us-east-1'] });
  })).toEqual([]);
});
