import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that reached the endpoint. */
export interface BillingCall {
  /** Name of the operation, such as `ListCostAllocationTags`. */
  readonly operation: string;
  /** What was sent, as JSON. Times are as the service writes them: seconds since 1970 in Budgets, RFC 3339 texts in Data Exports. */
  readonly input: Fields;
}

/** A failure that is ordered for the next calls of an operation. */
export interface BillingFailure {
  /** Name of the exception. */
  readonly code: string;
  readonly message: string;
  /** HTTP status, 400 unless it is said. */
  readonly status?: number;
  /** How many calls fail, all of them unless it is said. */
  readonly times?: number;
}

/** A cost allocation tag as the service knows it. */
export interface KnownTag {
  readonly TagKey: string;
  readonly Type: 'UserDefined' | 'AWSGenerated';
  Status: 'Active' | 'Inactive';
}

/** JSON of which the endpoint knows no more than that it is an object. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what arrives is judged by tests, each of which knows its shape
export type Fields = Record<string, any>;

/** An export of Data Exports, and how it fares. */
export interface KnownExport {
  readonly Export: Fields & { readonly ExportArn: string; readonly Name: string };
  readonly ExportStatus: Fields;
}

/** The service refuses a request. */
class Refusal extends Error {
  public constructor(readonly code: string, message: string, readonly status = 400) {
    super(message);
  }
}

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_UpdateCostAllocationTagsStatus.html (read 2026-11-21) */
const MOST_TAGS_PER_CALL = 20;

/**
 * Cost Explorer, Budgets and Data Exports as far as this package calls them, over HTTP: what is known is set by a test, which orders
 * failures too. All three speak the same protocol, JSON 1.1, and page, fail and refuse parts of a request as the documentation says.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations.html
 */
export class BillingEndpoint {
  /** Starts on a free port of this machine. */
  public static async start(): Promise<BillingEndpoint> {
    const endpoint = new BillingEndpoint();
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  /** All requests, in their order. */
  public readonly calls: BillingCall[] = [];

  /** The tags that can be activated. */
  public tags: KnownTag[] = [];

  /** Names of the services that the account has spent on. */
  public services: string[] = [];

  /** Budgets by name. */
  public readonly budgets = new Map<string, Fields>();

  /** Exports by ARN. */
  public readonly exports = new Map<string, KnownExport>();

  /** Executions by the ARN of their export, the newest first. */
  public readonly executions = new Map<string, Fields[]>();

  /** Backfills that were asked for, the newest first. */
  public backfills: Fields[] = [];

  /** Entries on a page of every operation that has pages. */
  public pageSize = 100;

  private failures: (BillingFailure & { readonly operation: string; left: number })[] = [];
  private readonly refusedTags = new Map<string, { Code: string; Message: string }>();
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  /** Address for the `endpoint` of SDK clients. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Has the next calls of an operation fail. */
  public fail(operation: string, failure: BillingFailure): void {
    this.failures.push({ ...failure, operation, left: failure.times ?? Infinity });
  }

  /** Has a tag refused within answers that succeed. */
  public refuseTag(tagKey: string, code: string, message: string): void {
    this.refusedTags.set(tagKey, { Code: code, Message: message });
  }

  /** Ends all failures and refusals that were ordered. */
  public recover(): void {
    this.failures = [];
    this.refusedTags.clear();
  }

  /** What was sent to an operation, in the order of the calls. */
  public inputsOf(operation: string): Fields[] {
    return this.calls.filter(call => call.operation === operation).map(({ input }) => input);
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1)!;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const input = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Fields;
    this.calls.push({ operation, input });
    const { status, body } = this.take(operation, input);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  }

  private take(operation: string, input: Fields): { status: number; body: object } {
    try {
      const failure = this.failures.find(next => next.operation === operation && next.left > 0);
      if (failure !== undefined) {
        failure.left--;
        throw new Refusal(failure.code, failure.message, failure.status);
      }
      return { status: 200, body: this.answer(operation, input) };
    } catch (error) {
      const { code, message, status } = error instanceof Refusal ? error : new Refusal('InternalServerException', String(error), 500);
      return { status, body: { __type: code, message, Message: message } };
    }
  }

  private answer(operation: string, input: Fields): object {
    switch (operation) {
      case 'ListCostAllocationTags': return this.listTags(input);
      case 'UpdateCostAllocationTagsStatus': return { Errors: this.updateTags(input.CostAllocationTagsStatus as KnownTag[]) };
      case 'StartCostAllocationTagBackfill': return { BackfillRequest: this.startBackfill(input.BackfillFrom as string) };
      case 'ListCostAllocationTagBackfillHistory': return this.page('BackfillRequests', this.backfills, input.NextToken, 'NextToken');
      case 'GetDimensionValues': return this.dimensionValues(input);
      case 'DescribeBudget': return { Budget: this.describedBudget(input) };
      case 'UpdateBudget': return this.updateBudget(input.NewBudget as Fields);
      case 'ListExports': return this.page('Exports', this.exportReferences(), input.NextToken, 'NextToken');
      case 'GetExport': return this.exportOf(input.ExportArn as string);
      case 'ListExecutions': return this.listExecutions(input);
      case 'GetExecution': return this.execution(input);
      default: throw new Refusal('UnknownOperationException', `${operation} is not played by this endpoint`);
    }
  }

  /** The tags of one type and status, or of any. */
  private listTags({ Status, Type, TagKeys, NextToken }: Fields): object {
    const wanted = this.tags.filter(tag => (Status === undefined || tag.Status === Status) && (Type === undefined || tag.Type === Type)
      && (TagKeys === undefined || (TagKeys as string[]).includes(tag.TagKey)));
    return this.page('CostAllocationTags', wanted, NextToken, 'NextToken');
  }

  /** Sets what can be set, and tells of the rest, within one answer that succeeds. */
  private updateTags(entries: { TagKey: string; Status: KnownTag['Status'] }[]): object[] {
    if (entries.length < 1 || entries.length > MOST_TAGS_PER_CALL) {
      throw new Refusal('ValidationException', `1 to ${MOST_TAGS_PER_CALL} entries are allowed, there are ${entries.length}`);
    }
    return entries.flatMap(({ TagKey, Status }) => {
      const refused = this.refusedTags.get(TagKey);
      const tag = this.tags.find(known => known.TagKey === TagKey);
      if (refused !== undefined) return [{ TagKey, ...refused }];
      if (tag === undefined) return [{ TagKey, Code: 'TagKeysNotFoundException', Message: `Tag keys not found: ${TagKey}` }];
      tag.Status = Status;
      return [];
    });
  }

  private startBackfill(BackfillFrom: string): object {
    const request = { BackfillFrom, RequestedAt: new Date().toISOString(), BackfillStatus: 'PROCESSING', LastUpdatedAt: new Date().toISOString() };
    this.backfills.unshift(request);
    return request;
  }

  private dimensionValues({ Dimension, SearchString, NextPageToken }: Fields): object {
    if (Dimension !== 'SERVICE') throw new Refusal('ValidationException', `the dimension ${String(Dimension)} is not played by this endpoint`);
    const found = this.services.filter(name => name.toLowerCase().includes(String(SearchString ?? '').toLowerCase()));
    const answer = this.page('DimensionValues', found.map(Value => ({ Value, Attributes: {} })), NextPageToken, 'NextPageToken');
    return { ...answer, ReturnSize: answer.DimensionValues.length, TotalSize: found.length };
  }

  private budget(name: string): Fields {
    const budget = this.budgets.get(name);
    if (budget === undefined) throw new Refusal('NotFoundException', `Unable to get budget: ${name} - the budget doesn't exist.`);
    return budget;
  }

  /** The filter is part of the answer only when it is asked for. */
  private describedBudget({ BudgetName, ShowFilterExpression }: Fields): Fields {
    const { FilterExpression, ...others } = this.budget(BudgetName as string);
    return ShowFilterExpression === true ? { FilterExpression: FilterExpression as unknown, ...others } : others;
  }

  private updateBudget(budget: Fields): object {
    const { BudgetName } = budget as { BudgetName: string };
    this.budget(BudgetName);
    this.budgets.set(BudgetName, budget);
    return {};
  }

  private exportReferences(): object[] {
    return [...this.exports].map(([ExportArn, { Export, ExportStatus }]) => ({ ExportArn, ExportName: Export.Name, ExportStatus }));
  }

  private exportOf(arn: string): KnownExport {
    const known = this.exports.get(arn);
    if (known === undefined) throw new Refusal('ResourceNotFoundException', `Export ${arn} is not found.`, 404);
    return known;
  }

  private listExecutions({ ExportArn, NextToken }: Fields): object {
    this.exportOf(ExportArn as string);
    return this.page('Executions', this.executions.get(ExportArn as string) ?? [], NextToken, 'NextToken');
  }

  private execution({ ExportArn, ExecutionId }: Fields): object {
    const found = this.executions.get(ExportArn as string)?.find(execution => execution.ExecutionId === ExecutionId);
    if (found === undefined) throw new Refusal('ResourceNotFoundException', `Execution ${String(ExecutionId)} is not found.`, 404);
    return { ...found, Export: this.exportOf(ExportArn as string).Export };
  }

  /** The page that a token names, and the token of the next one, if there is one. */
  private page<Name extends string, T>(name: Name, entries: readonly T[], token: unknown, tokenName: string): Record<Name, T[]> {
    const start = token === undefined ? 0 : Number(token);
    const end = start + this.pageSize;
    return { [name]: entries.slice(start, end), ...end < entries.length ? { [tokenName]: String(end) } : {} } as Record<Name, T[]>;
  }
}
