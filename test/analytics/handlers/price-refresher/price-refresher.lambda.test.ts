import { existsSync } from 'fs';
import { S3Client } from '@aws-sdk/client-s3';
import { PRICE_KEYS, PRICE_READ_BUDGET_SECONDS, PRICE_REFRESHER_VARIABLES } from '../../../../lib/analytics/handlers/price-refresher/constants';
import { createPriceRefresher } from '../../../../lib/analytics/handlers/price-refresher/price-refresher.lambda';
import shipped from '../../../../lib/price-book/data/price-snapshot.json';
import { packageFile } from '../../../../lib/private/package-file';
import { direct, type ListedProduct, marketplace, offerFile } from '../../../price-book/offer-file';
import { ObjectStoreEndpoint } from './object-store-endpoint';
import { PriceListEndpoint } from './price-list-endpoint';

interface Row {
  readonly model: string;
  readonly region: string;
  readonly route: string;
  readonly token_type: string;
  readonly usd: number;
  readonly effective_from: string | null;
  readonly precedence: number;
}

const HISTORY = 'price-list/2026-11-21.ndjson';
const NEW_MODEL = 'openai.gpt-5.6-terra';
const SNAPSHOT_ROWS = shipped.entries.length;
const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };

let store: ObjectStoreEndpoint;
let list: PriceListEndpoint;
let logged: Record<string, unknown>[];
let answers: { url: string; body: Record<string, unknown> }[];
let now: number;
let pause: (milliseconds: number) => void;

beforeEach(async () => {
  store = await ObjectStoreEndpoint.start();
  list = await PriceListEndpoint.start();
  [logged, answers] = [[], []];
  now = Date.parse('2026-11-21T12:00:00Z');
  pause = milliseconds => {
    now += milliseconds;
  };
  addFile('AmazonBedrock', 'us-east-1', [direct('USE1-NovaMicro-input-tokens', '0.0000350000', { model: 'Nova Micro' })]);
  addFile('AmazonBedrockFoundationModels', 'us-east-1', [terra('2.2')]);
});

afterEach(async () => {
  await store.close();
  await list.close();
});

/** A price of a model that the snapshot does not have. */
const terra = (usd: string): ListedProduct => marketplace('input_tokens_standard', usd, 'OpenAI GPT-5.6 Terra');

function addFile(code: string, region: string, products: ListedProduct[]): void {
  list.files.set(`${code}/${region}`, offerFile(code, products.map(product => ({ ...product, attributes: { ...product.attributes, regionCode: region } }))));
}

async function run(event: object = {}, regions = 'us-east-1'): Promise<void> {
  await createPriceRefresher({
    s3: new S3Client({ endpoint: store.url, forcePathStyle: true, region: 'us-east-1', credentials, maxAttempts: 1 }),
    variables: {
      [PRICE_REFRESHER_VARIABLES.bucket]: 'ledger',
      [PRICE_REFRESHER_VARIABLES.regions]: regions,
      [PRICE_REFRESHER_VARIABLES.priceListUrl]: list.url,
      [PRICE_REFRESHER_VARIABLES.stackName]: 'ledger-stack',
    },
    timing: {
      now: () => now,
      sleep: milliseconds => {
        pause(milliseconds);
        return Promise.resolve();
      },
      random: () => 0.5,
    },
    send: (url, body) => {
      answers.push({ url, body: JSON.parse(body) as Record<string, unknown> });
      return Promise.resolve(200);
    },
    log: entry => logged.push(entry as Record<string, unknown>),
  })(event);
}

function deploy(RequestType: 'Create' | 'Update' | 'Delete', properties: Record<string, string> = {}): Promise<void> {
  const event = {
    RequestType,
    ServiceToken: 'token',
    ResponseURL: 'https://example.com/answer',
    StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/ledger-stack/0a1b',
    RequestId: 'request',
    LogicalResourceId: 'Prices',
    ResourceType: 'Custom::BedrockPriceBook',
    ...RequestType === 'Create' ? {} : { PhysicalResourceId: 'price-book-of-ledger-stack' },
    ResourceProperties: { ServiceToken: 'token', Reads: 'us-east-1', ...properties },
  };
  return run(event);
}

function rowsOf<T>(key: string): T[] {
  return (store.objects.get(key) ?? '').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as T);
}

const table = (): Row[] => rowsOf<Row>(PRICE_KEYS.priceBook);
const pricesOf = (model: string): unknown[] =>
  table().filter(row => row.model === model).map(({ usd, effective_from }) => [usd, effective_from]);
const report = (): Record<string, unknown> => logged.filter(({ message }) => message === 'refreshed').at(-1)!;
const measured = (): unknown => {
  const metrics = logged.filter(entry => '_aws' in entry).at(-1)!;
  return [metrics.StackName, metrics.UnknownPriceRows, metrics.FailedPriceLists, metrics.AppendedPriceRows];
};

describe('the table', () => {
  test('has the shipped prices, and those of the price list that are not shipped', async () => {
    await run();
    expect(table()).toHaveLength(SNAPSHOT_ROWS + 1);
    expect(pricesOf(NEW_MODEL)).toEqual([[2.2, '2026-11-01']]);
    expect(report()).toMatchObject({ prices: SNAPSHOT_ROWS + 1, seeded: SNAPSHOT_ROWS, appended: 1 });
    expect(report()).toMatchObject({ failures: [], regionsWithoutPrices: [], unusedDiscounts: [] });
    expect(measured()).toEqual(['ledger-stack', 0, 0, 1]);
  });

  test('has a price that has changed from the day on which that was seen, and the former one before', async () => {
    await run();
    addFile('AmazonBedrockFoundationModels', 'us-east-1', [terra('2.0')]);
    now = Date.parse('2026-12-05T01:00:00Z');
    await run();
    expect(pricesOf(NEW_MODEL)).toEqual([[2.2, '2026-11-01'], [2, '2026-12-05']]);
  });

  test('has a price that is read after midnight from the new day on, for the former one is over', async () => {
    await run();
    addFile('AmazonBedrockFoundationModels', 'us-east-1', [terra('2.0')]);
    now = Date.parse('2026-11-30T23:59:59Z');
    list.answerWith(/us-east-1/, 503, '', 1);
    await run();
    expect(pricesOf(NEW_MODEL)).toEqual([[2.2, '2026-11-01'], [2, '2026-12-01']]);
  });

  test('has the prices of all Regions that are asked for', async () => {
    addFile('AmazonBedrockFoundationModels', 'eu-west-1', [terra('2.4')]);
    addFile('AmazonBedrockFoundationModels', 'ap-south-1', [terra('2.6')]);
    await run({}, 'us-east-1,eu-west-1');
    expect(table().filter(({ model }) => model === NEW_MODEL).map(({ region, usd }) => [region, usd])).toEqual([['us-east-1', 2.2], ['eu-west-1', 2.4]]);
  });

  test('is made anew by every refresh, and is the same where nothing has changed', async () => {
    await run();
    const first = store.objects.get(PRICE_KEYS.priceBook);
    store.objects.delete(PRICE_KEYS.priceBook);
    await run();
    expect(store.objects.get(PRICE_KEYS.priceBook)).toBe(first);
  });

  test('has the names of models, in lower case', async () => {
    await run();
    const names = rowsOf<{ kind: string; alias: string; model: string }>(PRICE_KEYS.aliasTable);
    expect(names).toContainEqual({ kind: 'usage_type', alias: 'nova2.0lite', model: 'amazon.nova-2-lite-v1:0' });
    expect(names.filter(({ alias }) => alias !== alias.toLowerCase())).toEqual([]);
  });
});

describe('the history', () => {
  test('is added to, never written over', async () => {
    await run();
    expect([...store.objects.keys()].filter(key => /^price-list\/\d/.test(key))).toEqual([HISTORY, 'price-list/2026-11-21-2.ndjson']);
    const before = new Map(store.objects);
    addFile('AmazonBedrockFoundationModels', 'us-east-1', [terra('2.0')]);
    await run();
    for (const [key, text] of before) if (/^price-list\/\d/.test(key)) expect(store.objects.get(key)).toBe(text);
    expect(rowsOf<Row>('price-list/2026-11-21-3.ndjson')).toMatchObject([{ model: NEW_MODEL, usd: 2, effective_from: '2026-11-21' }]);
    expect(store.calls.filter(({ operation, key }) => operation === 'PutObject' && /^price-list\/\d/.test(key)).every(({ onlyIfNew }) => onlyIfNew)).toBe(true);
  });

  test('gets no file where nothing has changed', async () => {
    await run();
    store.calls.length = 0;
    now += 86_400_000;
    await run();
    expect(new Set(store.written)).toEqual(new Set([PRICE_KEYS.aliasTable, PRICE_KEYS.priceBook]));
  });

  test('is read in its order, in however many pages it comes', async () => {
    const row = (usd: number, day: string): string => `${JSON.stringify({ model: 'm.one', token_type: 'input', usd, effective_from: day })}\n`;
    // by its letters, the tenth file of a day would come before the second; of two rows for one day the first holds
    store.objects.set('price-list/2026-01-01-10.ndjson', row(10, '2026-01-10'));
    store.objects.set('price-list/2026-01-01-2.ndjson', row(2, '2026-01-10'));
    store.objects.set('price-list/2025-12-31.ndjson', row(1, '2025-12-31'));
    store.objects.set('price-list/2026-01-01.ndjson', row(0, '2026-01-01'));
    store.objects.set('price-list/readme.txt', 'something else');
    store.pageSize = 2;
    await run();
    expect(pricesOf('m.one')).toEqual([[1, '2025-12-31'], [0, '2026-01-01'], [2, '2026-01-10']]);
  });

  test('takes what a newer release has shipped from the day on, but no other price for what the price list has given', async () => {
    const [one, other] = shipped.entries.filter(({ token_type }) => token_type === 'output');
    const before = (row: object, source: string): string => `${JSON.stringify({ ...row, usd: 999, source })}\n`;
    store.objects.set('price-list/2026-01-01.ndjson', before(one, 'a former snapshot') + before(other, 'AWS Price List AmazonBedrock 20260101, SKU 1'));
    await run();
    const thing = ({ model, region, route, tier, token_type, context_threshold_tokens }: typeof one): string =>
      JSON.stringify([model, region, route, tier, token_type, context_threshold_tokens]);
    const timeline = (row: typeof one): unknown[] => rowsOf<typeof one>(PRICE_KEYS.priceBook)
      .filter(entry => thing(entry) === thing(row))
      .map(({ usd, effective_from }) => [usd, effective_from]);
    expect(timeline(one)).toEqual([[999, null], [one.usd, '2026-11-21']]);
    expect(timeline(other)).toEqual([[999, null]]);
  });

  test('fails the refresh when it cannot be read, and leaves the table alone', async () => {
    store.objects.set('price-list/2026-01-01.ndjson', '{"model":"m.one"}\n');
    await expect(run()).rejects.toThrow('entries[0]: token_type is null');
    expect(store.objects.has(PRICE_KEYS.priceBook)).toBe(false);
  });
});

describe('what the price list has and the price book has not', () => {
  test('is left for people to read, and counted where somebody has to look', async () => {
    addFile('AmazonBedrock', 'us-east-1', [
      direct('USE1-nonesuch.nine-mantle-input-tokens-standard', '0.001', { model: 'nonesuch.nine' }),
      direct('USE1-NovaCanvas-T2I-1024-Standard', '0.04', { model: 'Nova Canvas' }, 'image'),
    ]);
    await run();
    expect(rowsOf('price-list/unknown/2026-11-21.ndjson')).toMatchObject([{ product: 'nonesuch.nine', reason: 'the model is not known: give an alias for "nonesuch.nine"' }]);
    expect(rowsOf(PRICE_KEYS.others)).toMatchObject([{ usage_type: 'USE1-NovaCanvas-T2I-1024-Standard' }]);
    expect(measured()).toEqual(['ledger-stack', 1, 0, 1]);
  });
});

describe('a price list that cannot be read', () => {
  test.each([
    ['is not there', 403, '', 'answered with HTTP status 403'],
    ['is an error page', 200, '<html>', 'is not JSON, or not all of it came (7 attempts)'],
    ['is something else', 200, '{"offers":{}}', 'it has no offerCode, products and terms'],
    ['fails for long', 503, '', 'answered with HTTP status 503 (7 attempts)'],
    ['is cut off', 0, '', 'did not answer: '],
  ])('costs nothing but itself, when it %s', async (_case, status, body, reason) => {
    list.answerWith(/^AmazonBedrock\/.*us-east-1/, status, body);
    await run();
    expect(report().failures).toEqual([expect.stringMatching(/^AmazonBedrock of us-east-1: /)]);
    expect(String(report().failures)).toContain(reason);
    expect(pricesOf(NEW_MODEL)).toEqual([[2.2, '2026-11-01']]);
    expect(measured()).toEqual(['ledger-stack', undefined, 1, 1]);
  });

  test('measures what is not understood in the other files, but not that there was nothing', async () => {
    addFile('AmazonBedrockFoundationModels', 'us-east-1', [marketplace('input_tokens_standard', '2.2', 'Nonesuch Nine')]);
    list.answerWith(/^AmazonBedrock\/.*us-east-1/, 403);
    await run();
    expect(measured()).toEqual(['ledger-stack', 1, 1, 0]);
  });

  test.each([[429, ''], [500, ''], [200, '{"cut'], [0, '']])('is read again after status %d', async (status, body) => {
    list.answerWith(/us-east-1/, status, body, 3);
    await run();
    expect(report()).toMatchObject({ failures: [], appended: 1 });
  });

  test.each([
    ['cannot be read', 404, '', 'answered with HTTP status 404'],
    ['has no Regions', 200, '{}', 'has no regions'],
  ])('costs the files of one service code, when the index %s', async (_case, status, body, reason) => {
    list.answerWith(/^AmazonBedrockService\/current\/region_index/, status, body);
    await run({}, 'us-east-1,eu-west-1');
    expect(report().failures).toEqual([expect.stringMatching(/^AmazonBedrockService of all Regions: /)]);
    expect(String(report().failures)).toContain(reason);
    expect(report().regionsWithoutPrices).toEqual([]);
    expect(pricesOf(NEW_MODEL)).toHaveLength(1);
  });

  test('is not waited for beyond the time of a refresh, and what was not read is named', async () => {
    pause = () => {
      now += PRICE_READ_BUDGET_SECONDS * 1000;
    };
    list.answerWith(/^AmazonBedrock\/current/, 503, '', 1);
    await run();
    expect(report().failures).toEqual([
      'AmazonBedrock of us-east-1: there was no time left to read it',
      'AmazonBedrockFoundationModels of all Regions: there was no time left to read it',
      'AmazonBedrockService of all Regions: there was no time left to read it',
    ]);
    expect(table()).toHaveLength(SNAPSHOT_ROWS);
  });

  test('is no failure where a Region has none', async () => {
    await run({}, 'us-east-1,mx-central-1');
    expect(report()).toMatchObject({ failures: [], regionsWithoutPrices: ['mx-central-1'] });
  });

  test('is found in a copy, wherever that is on its host', async () => {
    list.root = '/copies/of/aws';
    await run();
    expect(list.requests).toContain('AmazonBedrock/20261120202025/us-east-1/index.json');
    expect(report()).toMatchObject({ failures: [], appended: 1 });
  });

  test('is looked for under the current version where the index does not say where it is', async () => {
    list.saysWhere = false;
    await run();
    expect(list.requests).toContain('AmazonBedrock/current/us-east-1/index.json');
    expect(report()).toMatchObject({ failures: [], appended: 1 });
  });
});

describe('prices and names of the user', () => {
  const overrides = JSON.stringify({
    entries: [{ model: NEW_MODEL, region: 'us-east-1', token_type: 'input', usd: 1.5 }],
    discounts: [{ fraction: 0.5, model: 'amazon.nova-micro-v1:0' }, { fraction: 0.1, model: 'nonesuch.nine' }],
  });

  const micro = { model: 'amazon.nova-micro-v1:0', region: 'us-east-1', route: 'regional', tier: 'standard', token_type: 'input' };

  test('are kept with the deployment and stand above all others from then on, whatever the price list says', async () => {
    await deploy('Create', { Overrides: overrides });
    addFile('AmazonBedrockFoundationModels', 'us-east-1', [terra('2.0')]);
    now = Date.parse('2026-12-05T01:00:00Z');
    await run();
    const layers = table().filter(({ model }) => model === NEW_MODEL).map(({ usd, precedence }) => [usd, precedence]);
    expect(layers).toEqual([[2.2, 0], [2, 0], [1.5, 1]]);
    expect(table()).toContainEqual(expect.objectContaining({ ...micro, usd: 0.0175 }));
  });

  test('may reduce a price that nobody has yet, which is told and costs nothing else', async () => {
    await deploy('Create', { Overrides: overrides });
    expect(report().unusedDiscounts).toEqual(['{"fraction":0.1,"model":"nonesuch.nine"}']);
    expect(answers[0].body).toMatchObject({ Status: 'SUCCESS', Reason: expect.stringContaining('This discount is of no price: {"fraction":0.1,"model":"nonesuch.nine"}.') });
    expect(pricesOf(NEW_MODEL)).toHaveLength(2);
  });

  test('hold after a refresh that has begun before them', async () => {
    list.answerWith(/us-east-1/, 503, '', 1);
    pause = () => store.objects.set(PRICE_KEYS.overrides, overrides);
    await run();
    expect(pricesOf(NEW_MODEL)).toEqual([[2.2, '2026-11-01'], [1.5, null]]);
  });

  test.each([
    ['Overrides', '{"entries":[{}]}', 'the price file has 3 problems'],
    ['ModelAliases', '[]', 'the alias file has 1 problem'],
  ])('fail the deployment, and are not kept, when they came out wrong at deployment: %s', async (property, text, problem) => {
    await deploy('Create', { [property]: text });
    expect(answers[0].body).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(problem) });
    expect(store.calls).toEqual([]);
  });

  test('are gone when they are taken out of the stack', async () => {
    await deploy('Create', { Overrides: overrides });
    await deploy('Update');
    expect(pricesOf(NEW_MODEL)).toEqual([[2.2, '2026-11-01']]);
  });

  test('name models that the release does not know, and rename those that it does', async () => {
    const modelAliases = JSON.stringify({ entries: [
      { kind: 'product_model', alias: 'Nonesuch.Nine', model: 'nonesuch.nine-v1' },
      { kind: 'product_model', alias: 'nova MICRO', model: 'amazon.nova-mini' },
    ] });
    addFile('AmazonBedrock', 'us-east-1', [direct('USE1-nonesuch.nine-input-tokens', '0.001', { model: 'nonesuch.nine' })]);
    await deploy('Create', { ModelAliases: modelAliases });
    expect(pricesOf('nonesuch.nine-v1')).toEqual([[1, '2026-11-01']]);
    expect(measured()).toEqual(['ledger-stack', 0, 0, 2]);
    const names = rowsOf<{ kind: string; alias: string }>(PRICE_KEYS.aliasTable);
    expect(names.filter(({ kind, alias }) => kind === 'product_model' && alias === 'nova micro')).toEqual([{ kind: 'product_model', alias: 'nova micro', model: 'amazon.nova-mini' }]);
  });
});

describe('a deployment', () => {
  test('is answered with what came of it', async () => {
    await deploy('Create');
    expect(answers).toMatchObject([{ url: 'https://example.com/answer', body: {
      Status: 'SUCCESS',
      PhysicalResourceId: 'price-book-of-ledger-stack',
      Reason: `${SNAPSHOT_ROWS + 1} prices, of which ${SNAPSHOT_ROWS} were shipped and 1 are new from the price list.`,
    } }]);
  });

  test('succeeds with the shipped prices where no price list can be read, and says so', async () => {
    list.answerWith(/./, 403);
    await deploy('Create');
    expect(answers[0].body).toMatchObject({ Status: 'SUCCESS', Reason: expect.stringContaining('Not read: AmazonBedrock of all Regions: ') });
    expect(table()).toHaveLength(SNAPSHOT_ROWS);
    expect(measured()).toEqual(['ledger-stack', undefined, 3, 0]);
  });

  test('waits for rights that are on their way', async () => {
    store.fail('PutObject', { code: 'AccessDenied', status: 403, times: 3 });
    store.fail('ListObjectsV2', { code: 'AccessDenied', status: 403, times: 2 });
    await deploy('Create');
    expect(answers[0].body.Status).toBe('SUCCESS');
  });

  test('fails when the prices cannot be written, which says what was refused', async () => {
    store.fail('PutObject', { code: 'AccessDenied', status: 403 });
    await deploy('Create');
    expect(answers[0].body).toMatchObject({
      Status: 'FAILED',
      Reason: 's3:PutObject on ledger was refused with AccessDenied: ordered by a test',
    });
  });

  test('that deletes does nothing', async () => {
    await deploy('Create');
    store.calls.length = 0;
    await deploy('Delete');
    expect(store.calls).toEqual([]);
    expect(answers[1].body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'price-book-of-ledger-stack' });
  });
});

describe('failures of the store', () => {
  test.each([['SlowDown', 503], ['InternalError', 500]])('%s delays a refresh', async (code, status) => {
    for (const operation of ['GetObject', 'PutObject', 'ListObjectsV2'] as const) store.fail(operation, { code, status, times: 1 });
    await run();
    expect(report()).toMatchObject({ appended: 1 });
  });

  test('two writers of one file at the same moment get a file each', async () => {
    store.fail('PutObject', { code: 'ConditionalRequestConflict', status: 409, keys: /^price-list\/2026/, times: 1 });
    await run();
    expect(table()).toHaveLength(SNAPSHOT_ROWS + 1);
  });

  test('a fault that does not end fails the refresh', async () => {
    store.fail('ListObjectsV2', { code: 'InternalError', status: 500 });
    await expect(run()).rejects.toThrow('ordered by a test');
  });

  test('a right that is missing fails a scheduled refresh at once', async () => {
    const started = now;
    store.fail('ListObjectsV2', { code: 'AccessDenied', status: 403 });
    await expect(run()).rejects.toThrow('s3:ListBucket on ledger was refused with AccessDenied');
    expect(now).toBe(started);
  });

  test('another refusal is told as it is', async () => {
    store.fail('ListObjectsV2', { code: 'NoSuchBucket', status: 404 });
    await expect(run()).rejects.toThrow(/^s3:ListBucket on ledger was refused with NoSuchBucket: ordered by a test$/);
  });
});

test('the bundled handler is there and has the entry point that the function names', () => {
  const bundle = packageFile('assets', 'price-refresher', 'index.js');
  expect(existsSync(bundle)).toBe(true); // made by: npm run build:handlers
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle is CommonJS that is made at build time
  const module = require(bundle) as { handler: unknown };
  expect(typeof module.handler).toBe('function');
});
