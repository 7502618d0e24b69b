import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import shipped from '../../lib/price-book/data/price-snapshot.json';
import { PRICE_LIST_CODES } from '../../lib/price-book/price-list';
import { PriceListEndpoint } from '../analytics/handlers/price-refresher/price-list-endpoint';
import { marketplace, offerFile } from '../price-book/offer-file';
import { assembleApp } from '../support/assemble-app';
import { ACCOUNT, LocalAws } from './emulator/local-aws';

const REGIONS = ['us-east-1', 'eu-west-1'] as const;
const LEDGER_BUCKET = `example-bedrock-cost-ledger-${ACCOUNT}`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reference-app-'));

let aws: LocalAws;
let prices: PriceListEndpoint;

beforeAll(async () => {
  prices = await PriceListEndpoint.start();
  aws = await LocalAws.start([...REGIONS], { functionVariables: { PRICE_LIST_URL: prices.url } });
});

afterAll(async () => {
  await aws.stop();
  await prices.close();
  fs.rmSync(folder, { recursive: true });
});

/** What the emulator does not make and only records, so that nothing but order, references and properties is proven of it. */
const RECORDED = [
  'AWS::Athena::NamedQuery',
  'AWS::BCMDataExports::Export',
  'AWS::Bedrock::ApplicationInferenceProfile',
  'AWS::Budgets::Budget',
  'AWS::Budgets::BudgetsAction',
  'AWS::CE::AnomalyMonitor',
  'AWS::CE::AnomalySubscription',
  'AWS::CE::CostCategory',
  'AWS::CloudWatch::Alarm', // those on queries and expressions
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Logs::QueryDefinition',
  'AWS::Organizations::Policy',
];

/** Types that are made and recorded. */
const MADE = ['AWS::S3::Bucket'];

const CHECKOUT = { team: 'payments', service: 'checkout', env: 'prod' };
const SEARCH = { team: 'discovery', service: 'search', env: 'prod' };

/** What the profiles of a Region stand for, and whom they are billed to. */
const PROFILES = {
  'us-east-1': [
    { model_source: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', tags: CHECKOUT },
    { model_source: 'amazon.nova-micro-v1:0', tags: CHECKOUT },
  ],
  'eu-west-1': [{ model_source: 'global.anthropic.claude-haiku-4-5-20251001-v1:0', tags: SEARCH }],
};

/** What was asked since then, as `operation type`, each once. */
function asked(since: number): string[] {
  return [...new Set(aws.recorded.slice(since).map(({ operation, type }) => `${operation} ${type}`))].sort();
}

/** The command got through; if not, what it wrote is shown. */
function expectSuccess({ succeeded, output }: { succeeded: boolean; output: string }): void {
  expect(succeeded ? 'succeeded' : output).toBe('succeeded');
}

/** Invokes the one function of a Region whose description begins like that. */
async function invoke(region: string, description: string): Promise<void> {
  const lambda = new LambdaClient({ ...aws.clientOptions, region });
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const [found, ...others] = Functions.filter(({ Description = '' }) => Description.startsWith(description));
  expect(others).toEqual([]);
  const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: found.FunctionName, Payload: '{}' }));
  expect(FunctionError === undefined ? 'succeeded' : Buffer.from(Payload ?? []).toString()).toBe('succeeded');
}

/** Keys below a folder of the ledger. */
async function keysBelow(prefix: string): Promise<string[]> {
  const { Contents = [] } = await ledgerStore().send(new ListObjectsV2Command({ Bucket: LEDGER_BUCKET, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
}

/** The rows of a file of the ledger, one object a line. */
async function rows<T>(key: string): Promise<T[]> {
  const { Body } = await ledgerStore().send(new GetObjectCommand({ Bucket: LEDGER_BUCKET, Key: key }));
  return (await Body!.transformToString()).split('\n').filter(line => line !== '').map(line => JSON.parse(line) as T);
}

function ledgerStore(): S3Client {
  return new S3Client({ ...aws.clientOptions, forcePathStyle: true });
}

describe('the whole reference app', () => {
  const before = assembleApp({ account: ACCOUNT, regions: REGIONS }, folder);
  let after: string;

  test('is deployed while the price list refuses to be read, with the prices that were shipped', async () => {
    prices.answerWith(/region_index/, 403, '', PRICE_LIST_CODES.length);
    expectSuccess(await aws.deployAssembly(before));
    expect(await keysBelow('dimensions/')).toEqual(['dimensions/model_aliases/aliases.json', 'dimensions/price_book/prices.json']);
    expect(await rows('dimensions/price_book/prices.json')).toHaveLength(shipped.entries.length);
    expect((await rows('dimensions/model_aliases/aliases.json')).length).toBeGreaterThan(100);
    expect(prices.requests).toEqual(PRICE_LIST_CODES.map(code => `${code}/current/region_index.json`));
  });

  test('has prices of the price list as soon as it can be read', async () => {
    const code = 'AmazonBedrockFoundationModels';
    prices.files.set(`${code}/us-east-1`, offerFile(code, [marketplace('input_tokens_standard', '2.2', 'OpenAI GPT-5.6 Terra')]));
    await invoke('us-east-1', 'Reads the AWS Price List');
    const added = (await rows<{ model: string; usd: number }>('dimensions/price_book/prices.json')).filter(({ model }) => model === 'openai.gpt-5.6-terra');
    expect(added).toMatchObject([{ usd: 2.2 }]);
  });

  test.each(REGIONS)('tells the ledger of the profiles of %s, with what they stand for and their tags', async region => {
    await invoke(region, 'Writes which model is behind an inference profile');
    const listed = await rows<Record<string, unknown>>(`dimensions/inference_profiles/${ACCOUNT}/${region}.json`);
    expect(listed.map(({ model_source, tags }) => ({ model_source, tags }))).toEqual(expect.arrayContaining(PROFILES[region]));
  });

  test('tells the ledger of the roles of services, and of nobody from two Regions', async () => {
    expect(await keysBelow('dimensions/principals/')).toEqual([`dimensions/principals/${ACCOUNT}.json`]);
    const principals = await rows<{ principal_arn: string; tags: object }>(`dimensions/principals/${ACCOUNT}.json`);
    expect(principals.map(({ tags }) => tags)).toEqual(expect.arrayContaining([CHECKOUT, SEARCH]));
  });

  test('is deployed again without a change, and updated in place', async () => {
    expect((await aws.deployAssembly(before)).output).toContain('no changes');
    const deployed = aws.recorded.length;
    after = assembleApp({
      account: ACCOUNT,
      regions: REGIONS,
      properties: `
        notifiedEmail: 'finops@example.com',
        monthlyLimits: { ...shipped.monthlyLimits, totalUsd: 20_000 },
        guardedTargets: ['ou-ab12-cdefgh34'],
      `,
    }, folder);
    expectSuccess(await aws.deployAssembly(after));
    // a limit is changed in place: nothing that tells or stops is replaced
    expect(asked(deployed)).toEqual(['create AWS::Organizations::Policy', 'update AWS::Budgets::Budget']);
    const { Subscriptions } = await new SNSClient(aws.clientOptions).send(new ListSubscriptionsCommand({}));
    expect(new Set(Subscriptions?.map(({ Endpoint }) => Endpoint))).toEqual(new Set(['finops@example.com']));
  });

  test('is destroyed, but for what the ledger has learned', async () => {
    const known = await keysBelow('');
    expectSuccess(await aws.destroyAssembly(after));
    expect(await keysBelow('')).toEqual(known);
    expect([...new Set(aws.recorded.map(({ type }) => type))].filter(type => !MADE.includes(type)).sort()).toEqual(RECORDED);
    for (const type of RECORDED) {
      const [made, gone] = ['create', 'delete'].map(operation => aws.recorded.filter(request => request.type === type && request.operation === operation));
      expect({ type, left: made.length - gone.length }).toEqual({ type, left: 0 });
    }
  });
});
