import { existsSync } from 'fs';
import { BudgetsClient, DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { RUNBOOK_VARIABLE, TOPIC_VARIABLE } from '../../../lib/private/handlers/constants';
import { packageFile } from '../../../lib/private/package-file';
import { type PublishedServices, SERVICE_WATCH_STACK_VARIABLE, type ServiceWatchSettings } from '../../../lib/spend-controls/handlers/constants';
import { createServiceWatch } from '../../../lib/spend-controls/handlers/service-watch.lambda';
import { BillingEndpoint, type Fields } from '../../support/billing-endpoint';

const ACCOUNT = '111122223333';
const PARAMETER = '/bedrock-cost-attribution/bedrock-services/payer';
const TOPIC_ARN = `arn:aws:sns:eu-west-1:${ACCOUNT}:notices`;
const RELEASE = ['Amazon Bedrock', 'Nova (Amazon Bedrock Edition)'];
const ZETA = 'Zeta 2 (Amazon Bedrock Edition)';
const ETA = 'Eta (Amazon Bedrock Edition)';
const SETTINGS: ServiceWatchSettings = {
  parameterName: PARAMETER,
  releaseNames: RELEASE,
  additionalNames: [],
  ignoredNames: [],
  lookBackDays: '30',
  budgetNames: [],
  extendBudgets: true,
};
const CLIENT = { region: 'eu-west-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, maxAttempts: 1 };
const THROTTLED = { code: 'ThrottlingException', message: 'Rate exceeded' };

const ssm = mockClient(SSMClient);
const sns = mockClient(SNSClient);
let endpoint: BillingEndpoint;
let published: string | undefined;
let logged: Record<string, unknown>[];
let sleeps: number;
let variables: Record<string, string | undefined>;

beforeEach(async () => {
  endpoint = await BillingEndpoint.start();
  endpoint.services = [...RELEASE, 'Amazon Simple Storage Service'];
  published = JSON.stringify({ serviceNames: RELEASE, unknownServiceNames: [] });
  [logged, sleeps] = [[], 0];
  variables = {
    [SERVICE_WATCH_STACK_VARIABLE]: `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/payer/0a1b`,
    [TOPIC_VARIABLE]: TOPIC_ARN,
    [RUNBOOK_VARIABLE]: 'https://example.com/runbook',
  };
  ssm.reset();
  sns.reset();
  ssm.on(GetParameterCommand).callsFake(() => {
    if (published === undefined) throw new ParameterNotFound({ message: 'no such parameter', $metadata: {} });
    return { Parameter: { Value: published } };
  });
  ssm.on(PutParameterCommand).callsFake(({ Value }: { Value: string }) => {
    published = Value;
    return {};
  });
  sns.on(PublishCommand).resolves({});
});

afterEach(() => endpoint.close());

async function check(settings: Partial<ServiceWatchSettings> = {}): Promise<void> {
  let now = Date.parse('2026-11-21T12:00:00Z');
  await createServiceWatch({
    costExplorer: new CostExplorerClient({ ...CLIENT, endpoint: endpoint.url }),
    budgets: new BudgetsClient({ ...CLIENT, endpoint: endpoint.url }),
    sns: new SNSClient(CLIENT),
    ssm: new SSMClient(CLIENT),
    variables,
    timing: {
      now: () => now,
      sleep: milliseconds => {
        sleeps++;
        now += milliseconds;
        return Promise.resolve();
      },
      random: () => 0.5,
    },
    log: entry => logged.push(JSON.parse(JSON.stringify(entry)) as Record<string, unknown>),
  })({ Settings: { ...SETTINGS, ...settings } });
}

const record = (): PublishedServices => JSON.parse(published!) as PublishedServices;
const measured = (): unknown[] => logged.filter(entry => '_aws' in entry).map(entry => [entry.StackName, entry.UnknownBedrockServices]);
const notices = (): { subject: string; text: string }[] =>
  sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => ({ subject: input.Subject!, text: input.Message! }));
const services = (...Values: string[]): Fields => ({ Dimensions: { Key: 'SERVICE', Values, MatchOptions: ['EQUALS'] } });

/** A budget as the service tells it. */
function addBudget(BudgetName: string, FilterExpression: Fields | undefined, more: Fields = {}): Fields {
  const budget = {
    BudgetName,
    BudgetType: 'COST',
    TimeUnit: 'MONTHLY',
    TimePeriod: { Start: 1793491200, End: 3706473600 },
    BudgetLimit: { Amount: '500.0', Unit: 'USD' },
    Metrics: ['UnblendedCost'],
    FilterExpression,
    BillingViewArn: `arn:aws:billing::${ACCOUNT}:billingview/primary`,
    ...more,
  };
  endpoint.budgets.set(BudgetName, {
    ...budget,
    CalculatedSpend: { ActualSpend: { Amount: '12.5', Unit: 'USD' } },
    LastUpdatedTime: 1793491200.5,
    HealthStatus: { Status: 'HEALTHY', LastUpdatedTime: 1793491200 },
  });
  return budget;
}

describe('the names', () => {
  test('are asked for by the word, of the last thirty days, up to yesterday', async () => {
    await check();
    expect(endpoint.inputsOf('GetDimensionValues')).toEqual([{
      Dimension: 'SERVICE', SearchString: 'Bedrock', TimePeriod: { Start: '2026-10-22', End: '2026-11-21' },
    }]);
  });

  test('are asked for as far back as is said', async () => {
    await check({ lookBackDays: '1' });
    expect(endpoint.inputsOf('GetDimensionValues')).toMatchObject([{ TimePeriod: { Start: '2026-11-20', End: '2026-11-21' } }]);
  });

  test('that are all known change nothing, and nobody is told', async () => {
    await check();
    expect(measured()).toEqual([['payer', 0]]);
    expect(ssm.commandCalls(PutParameterCommand)).toHaveLength(0);
    expect(notices()).toEqual([]);
  });

  test('are none where nothing was billed', async () => {
    endpoint.services = [];
    await check();
    expect(measured()).toEqual([['payer', 0]]);
    expect(record().serviceNames).toEqual(RELEASE);
  });

  test('are read from all pages, and new ones are measured, published and told of', async () => {
    endpoint.pageSize = 1;
    endpoint.services.push(ZETA, ETA);
    await check();
    expect(endpoint.inputsOf('GetDimensionValues')).toHaveLength(4);
    expect(measured()).toEqual([['payer', 2]]);
    expect(record()).toEqual({ serviceNames: [...RELEASE, ETA, ZETA].sort(), unknownServiceNames: [ETA, ZETA] });
    expect(notices()).toEqual([{
      subject: '2 new services of Amazon Bedrock on the bill',
      text: expect.stringContaining(`additionalServiceNames: ['${ETA}', '${ZETA}'],`),
    }]);
    expect(notices()[0].text).toMatch(/Runbook: https:\/\/example.com\/runbook$/);
  });

  test('are told of when they are new, and not again', async () => {
    endpoint.services.push(ZETA);
    await check();
    await check();
    expect(notices()).toHaveLength(1);
    expect(measured()).toEqual([['payer', 1], ['payer', 1]]);
    expect(ssm.commandCalls(PutParameterCommand)).toHaveLength(1);
    endpoint.services.push(ETA);
    await check();
    expect(notices()[1]).toMatchObject({ subject: '1 new service of Amazon Bedrock on the bill' });
    expect(notices()[1].text).not.toContain(ZETA);
  });

  test('stay unknown when nothing is billed under them any more', async () => {
    endpoint.services.push(ZETA);
    await check();
    endpoint.services = [];
    await check();
    expect(record().unknownServiceNames).toEqual([ZETA]);
    expect(measured()).toEqual([['payer', 1], ['payer', 1]]);
  });

  test.each<[string, Partial<ServiceWatchSettings>, string[]]>([
    ['named', { additionalNames: [ZETA] }, [...RELEASE, ZETA]],
    ['known to the release', { releaseNames: [...RELEASE, ZETA] }, [...RELEASE, ZETA]],
    ['named in a list that only deployment knew', { additionalNames: [`${ZETA}\n${RELEASE[0]}`] }, [...RELEASE, ZETA]],
    ['ignored', { ignoredNames: [ZETA] }, RELEASE],
    ['ignored in a list that only deployment knew', { ignoredNames: [`other\n${ZETA}`, ''] }, RELEASE],
  ])('are no longer unknown once they are %s', async (_case, settings, names) => {
    endpoint.services.push(ZETA);
    await check();
    await check(settings);
    expect(record()).toEqual({ serviceNames: names, unknownServiceNames: [] });
    expect(measured()).toEqual([['payer', 1], ['payer', 0]]);
    expect(notices()).toHaveLength(1);
  });

  test('are found in whatever case the word is written, and once', async () => {
    endpoint.services.push('amazon BEDROCK lab', 'amazon BEDROCK lab');
    await check();
    expect(record().unknownServiceNames).toEqual(['amazon BEDROCK lab']);
  });

  test('with quotes can be copied as they are told', async () => {
    endpoint.services.push("O'Bedrock");
    await check({ additionalNames: [ETA] });
    expect(notices()[0].text).toContain(`additionalServiceNames: ['${ETA}', 'O\\'Bedrock'],`);
  });

  test.each([
    ['is not there', undefined],
    ['cannot be read', 'text'],
    ['holds something else', '{"serviceNames": [1], "unknownServiceNames": []}'],
  ])('are published anew where the parameter %s', async (_case, text) => {
    published = text;
    await check();
    expect(record()).toEqual({ serviceNames: RELEASE, unknownServiceNames: [] });
  });

  test('in another order, as a template has them, are not published again', async () => {
    published = JSON.stringify({ serviceNames: [...RELEASE].reverse(), unknownServiceNames: [] });
    await check();
    expect(ssm.commandCalls(PutParameterCommand)).toHaveLength(0);
  });

  test('are told of without a topic in the log only', async () => {
    variables[TOPIC_VARIABLE] = undefined;
    endpoint.services.push(ZETA);
    await check();
    expect(sns.commandCalls(PublishCommand)).toHaveLength(0);
    expect(logged[0]).toMatchObject({ message: 'looked for services', unknownServiceNames: [ZETA] });
  });
});

describe('a budget', () => {
  beforeEach(() => {
    endpoint.services.push(ZETA);
  });

  test('gets new names wherever it lists services of Bedrock, and is otherwise sent back as it was told', async () => {
    const nested = (...names: string[]): Fields => ({
      And: [
        { Or: [{ And: [services('Amazon Bedrock', ...names), { Tags: { Key: 'team', MatchOptions: ['ABSENT'] } }] }, { Not: { Not: services('Amazon Bedrock', ...names) } }] },
        { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit', 'Refund', 'Tax'], MatchOptions: ['EQUALS'] } } },
        { Not: services('Amazon Bedrock Service') },
        { CostCategories: { Key: 'Team', Values: ['search'], MatchOptions: ['EQUALS'] } },
      ],
    });
    const before = addBudget('total', nested());
    await check({ budgetNames: ['total'] });
    expect(endpoint.inputsOf('DescribeBudget')).toEqual([{ AccountId: ACCOUNT, BudgetName: 'total', ShowFilterExpression: true }]);
    expect(endpoint.inputsOf('UpdateBudget')).toEqual([{ AccountId: ACCOUNT, NewBudget: { ...before, FilterExpression: nested(ZETA) } }]);
    expect(notices()[0].text).toContain('They were added to these budgets: "total".');
  });

  test('is not touched again once it has the names', async () => {
    addBudget('total', services(...RELEASE));
    await check({ budgetNames: ['total'] });
    await check({ budgetNames: ['total'] });
    expect(endpoint.inputsOf('UpdateBudget')).toHaveLength(1);
  });

  test('gets the names again after a deployment has put its list back, and nobody is told again', async () => {
    addBudget('total', services(...RELEASE));
    await check({ budgetNames: ['total'] });
    addBudget('total', services(...RELEASE));
    await check({ budgetNames: ['total'] });
    expect(endpoint.budgets.get('total')!.FilterExpression).toEqual(services(...RELEASE, ZETA));
    expect(notices()).toHaveLength(1);
  });

  test('gets names that were only named in the watch, and none that the release knows or that are ignored', async () => {
    addBudget('total', services('Amazon Bedrock'));
    await check({ budgetNames: ['total'], additionalNames: [ETA], ignoredNames: [ZETA] });
    expect(endpoint.budgets.get('total')!.FilterExpression).toEqual(services('Amazon Bedrock', ETA));
  });

  test.each([
    ['without a filter', undefined],
    ['of other services', services('Amazon Simple Storage Service')],
    ['of tags', { Tags: { Key: 'iamPrincipal/team', Values: ['search'] } }],
  ])('%s is left alone, and is no problem', async (_case, filter) => {
    addBudget('other', filter);
    await check({ budgetNames: ['other'] });
    expect(endpoint.inputsOf('UpdateBudget')).toEqual([]);
    expect(logged).toContainEqual({ message: 'looked at budgets', lacking: {}, withoutList: ['other'], problems: [] });
  });

  test('is only told of where lists are not to be extended', async () => {
    addBudget('total', services(...RELEASE));
    await check({ budgetNames: ['total'], extendBudgets: false });
    expect(endpoint.inputsOf('UpdateBudget')).toEqual([]);
    expect(notices()[0].text).toContain('These budgets lack them: "total".');
  });

  test('is read anew for each attempt where AWS is asked too often', async () => {
    addBudget('total', services(...RELEASE));
    endpoint.fail('UpdateBudget', { ...THROTTLED, times: 2 });
    await check({ budgetNames: ['total'] });
    expect(endpoint.calls.map(({ operation }) => operation).slice(1)).toEqual([
      'DescribeBudget', 'UpdateBudget', 'DescribeBudget', 'UpdateBudget', 'DescribeBudget', 'UpdateBudget',
    ]);
    expect(sleeps).toBe(2);
  });
});

describe('fails', () => {
  test('at the end with all that did not work, and does the rest', async () => {
    endpoint.services.push(ZETA);
    addBudget('former', services(...RELEASE), { Metrics: undefined, CostTypes: { IncludeTax: false } });
    addBudget('total', services(...RELEASE));
    ssm.on(PutParameterCommand).rejects(new Error('no right'));
    await expect(check({ budgetNames: ['gone', 'former', 'total'] })).rejects.toThrow(new RegExp([
      '^the budget "gone" is not there any more: take it out of budgets, or deploy it again',
      'the budget "former" could not be brought up to date: it has no Metrics, .*',
      `the names could not be written to ${PARAMETER}: no right$`,
    ].join('; ')));
    expect(endpoint.budgets.get('total')!.FilterExpression).toEqual(services(...RELEASE, ZETA));
    expect(measured()).toEqual([['payer', 1]]);
    expect(notices()[0].text).toContain('Problem: the budget "gone" is not there any more');
  });

  test('when Budgets refuses, with what it says', async () => {
    endpoint.services.push(ZETA);
    addBudget('total', services(...RELEASE));
    endpoint.fail('UpdateBudget', { code: 'InvalidParameterException', message: 'too many values' });
    await expect(check({ budgetNames: ['total'] })).rejects.toThrow('the budget "total" could not be brought up to date: too many values');
    expect(sleeps).toBe(0);
  });

  test('when Cost Explorer refuses, and measures nothing', async () => {
    endpoint.fail('GetDimensionValues', { code: 'AccessDeniedException', message: 'User not enabled for cost explorer access' });
    await expect(check()).rejects.toThrow('User not enabled for cost explorer access');
    expect(measured()).toEqual([]);
  });

  test('when the parameter may not be read', async () => {
    ssm.on(GetParameterCommand).rejects(new Error('no right'));
    await expect(check()).rejects.toThrow('no right');
  });

  test('when it is told to wait for too long, and says for how long it did', async () => {
    endpoint.fail('GetDimensionValues', THROTTLED);
    await expect(check()).rejects.toThrow(/^Rate exceeded \(given up after \d+ attempts in 1\d\d s\)$/);
  });

  test('when the names have no room, and says what to do', async () => {
    endpoint.services = Array.from({ length: 150 }, (_, index) => `Model ${index} ${'x'.repeat(30)} (Amazon Bedrock Edition)`);
    await expect(check()).rejects.toThrow(/the names of 152 services take \d+ bytes, but a parameter has room for 8192; ignore those/);
  });
});

test('waits where AWS is asked too often', async () => {
  endpoint.fail('GetDimensionValues', { ...THROTTLED, times: 3 });
  await check();
  expect(sleeps).toBe(3);
});

test('the bundled function is there and has the entry point that the template names', () => {
  const bundle = packageFile('assets', 'service-watch', 'index.js');
  expect(existsSync(bundle)).toBe(true); // made by: npm run build:handlers
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle is CommonJS that is made at build time
  const module = require(bundle) as { handler: unknown };
  expect(typeof module.handler).toBe('function');
});

test.each([
  ['eu-west-1', 'budgets.amazonaws.com', 'us-east-1'],
  ['us-east-1', 'budgets.amazonaws.com', 'us-east-1'],
  ['cn-north-1', 'budgets.amazonaws.com.cn', 'cn-northwest-1'],
  ['eusc-de-east-1', 'budgets.eusc-de-east-1.api.amazonwebservices.eu', 'eusc-de-east-1'],
])('a stack of %s reaches Budgets, which has one endpoint per partition', async (region, host, signedFor) => {
  let destination: unknown;
  const client = new BudgetsClient({
    ...CLIENT,
    region,
    requestHandler: {
      handle: ({ hostname, headers }: { hostname: string; headers: Record<string, string> }) => {
        destination = [hostname, headers.authorization.split('/')[2]];
        return Promise.reject(new Error('sent'));
      },
    },
  });
  await expect(client.send(new DescribeBudgetCommand({ AccountId: ACCOUNT, BudgetName: 'total' }))).rejects.toThrow('sent');
  expect(destination).toEqual([host, signedFor]);
});
