import { BCMDataExportsClient, GetExportCommand, paginateListExecutions } from '@aws-sdk/client-bcm-data-exports';
import { BudgetsClient, DescribeBudgetCommand, UpdateBudgetCommand } from '@aws-sdk/client-budgets';
import { CostExplorerClient, GetDimensionValuesCommand, paginateListCostAllocationTags, UpdateCostAllocationTagsStatusCommand } from '@aws-sdk/client-cost-explorer';
import { BillingEndpoint, type Fields } from './billing-endpoint';

let endpoint: BillingEndpoint;
let options: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string }; maxAttempts: number };

beforeEach(async () => {
  endpoint = await BillingEndpoint.start();
  options = { endpoint: endpoint.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };
});
afterEach(() => endpoint.close());

test('the SDK reads tags page by page', async () => {
  endpoint.tags = ['a', 'b', 'c'].map(TagKey => ({ TagKey, Type: 'UserDefined', Status: 'Inactive' }));
  endpoint.pageSize = 2;
  const keys: (string | undefined)[] = [];
  for await (const page of paginateListCostAllocationTags({ client: new CostExplorerClient(options) }, {})) {
    keys.push(...(page.CostAllocationTags ?? []).map(({ TagKey }) => TagKey));
  }
  expect(keys).toEqual(['a', 'b', 'c']);
  expect(endpoint.inputsOf('ListCostAllocationTags')).toHaveLength(2);
});

test('an update sets what is known and tells of the rest in an answer that succeeds', async () => {
  endpoint.tags = [{ TagKey: 'a', Type: 'UserDefined', Status: 'Inactive' }, { TagKey: 'b', Type: 'UserDefined', Status: 'Inactive' }];
  endpoint.refuseTag('b', 'LimitExceeded', 'too many');
  const CostAllocationTagsStatus = ['a', 'b', 'c'].map(TagKey => ({ TagKey, Status: 'Active' as const }));
  const { Errors } = await new CostExplorerClient(options).send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus }));
  expect(Errors?.map(({ TagKey, Code }) => [TagKey, Code])).toEqual([['b', 'LimitExceeded'], ['c', 'TagKeysNotFoundException']]);
  expect(endpoint.tags.map(({ Status }) => Status)).toEqual(['Active', 'Inactive']);
});

test.each([0, 21])('fails an update of %d tags', async count => {
  const CostAllocationTagsStatus = Array.from({ length: count }, (_, index) => ({ TagKey: `t${index}`, Status: 'Active' as const }));
  await expect(new CostExplorerClient(options).send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus }))).rejects.toThrow('entries are allowed');
});

test('a failure that was ordered comes with its name, so many times', async () => {
  endpoint.fail('GetDimensionValues', { code: 'LimitExceededException', message: 'slow down', times: 1 });
  endpoint.services = ['Amazon Bedrock', 'Amazon S3'];
  const ask = () => new CostExplorerClient(options).send(new GetDimensionValuesCommand({
    Dimension: 'SERVICE', SearchString: 'bedrock', TimePeriod: { Start: '2026-10-01', End: '2026-11-01' },
  }));
  await expect(ask()).rejects.toMatchObject({ name: 'LimitExceededException', message: 'slow down' });
  expect((await ask()).DimensionValues?.map(({ Value }) => Value)).toEqual(['Amazon Bedrock']);
});

test('a budget that was read can be sent back', async () => {
  const budget: Fields = { BudgetName: 'b', BudgetType: 'COST', TimeUnit: 'MONTHLY', TimePeriod: { Start: 1_767_225_600 } };
  endpoint.budgets.set('b', { ...budget });
  const client = new BudgetsClient(options);
  const { Budget } = await client.send(new DescribeBudgetCommand({ AccountId: '111122223333', BudgetName: 'b' }));
  await client.send(new UpdateBudgetCommand({ AccountId: '111122223333', NewBudget: Budget }));
  expect(endpoint.budgets.get('b')).toEqual(budget);
  endpoint.budgets.get('b')!.FilterExpression = { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock'] } };
  const [without, withFilter] = await Promise.all([undefined, true].map(ShowFilterExpression => (
    client.send(new DescribeBudgetCommand({ AccountId: '111122223333', BudgetName: 'b', ShowFilterExpression }))
  )));
  expect(without.Budget?.FilterExpression).toBeUndefined();
  expect(withFilter.Budget?.FilterExpression?.Dimensions?.Values).toEqual(['Amazon Bedrock']);
  await expect(client.send(new DescribeBudgetCommand({ AccountId: '111122223333', BudgetName: 'c' }))).rejects.toMatchObject({ name: 'NotFoundException' });
});

test('exports are known with their status and executions', async () => {
  const arn = 'arn:aws:bcm-data-exports:us-east-1:111122223333:export/e-1';
  endpoint.exports.set(arn, { Export: { ExportArn: arn, Name: 'e' }, ExportStatus: { StatusCode: 'HEALTHY', CreatedAt: '2026-01-01T00:00:00Z' } });
  endpoint.executions.set(arn, [1, 2, 3].map(id => ({ ExecutionId: String(id), ExecutionStatus: { StatusCode: 'DELIVERY_SUCCESS' } })));
  endpoint.pageSize = 2;
  const client = new BCMDataExportsClient(options);
  expect((await client.send(new GetExportCommand({ ExportArn: arn }))).ExportStatus?.CreatedAt).toEqual(new Date('2026-01-01T00:00:00Z'));
  const ids: (string | undefined)[] = [];
  for await (const page of paginateListExecutions({ client }, { ExportArn: arn })) {
    ids.push(...(page.Executions ?? []).map(({ ExecutionId }) => ExecutionId));
  }
  expect(ids).toEqual(['1', '2', '3']);
});

test('fails an operation that it does not play', async () => {
  const answer = await fetch(endpoint.url, { method: 'POST', headers: { 'x-amz-target': 'X.DeleteEverything' }, body: '{}' });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' });
});
