import {
  type CostExplorerClient, ListCostAllocationTagBackfillHistoryCommand, ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand, UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import { messageOf, passesByItself } from '../../private/handlers/passing-errors.lambda-shared';
import { isLinkedAccount, lacksRight, patiently, type Patience } from './patience.lambda-shared';

/** A tag key as the service lists it. */
export interface ListedTag {
  readonly key: string;
  readonly isActive: boolean;
}

/** Why the service left a tag as it was. */
export interface TagRefusal {
  readonly code: string;
  readonly message: string;
}

/** A backfill that was asked for, by whomever. */
export interface Backfill {
  /** Times in milliseconds. */
  readonly from: number;
  readonly requestedAt: number;
  readonly status: 'SUCCEEDED' | 'PROCESSING' | 'FAILED' | undefined;
}

/** What is done with cost allocation tags. */
export interface CostAllocationTagsApi {
  /** Every tag key of the account, whatever its type and status. */
  list(): Promise<ListedTag[]>;
  /** Activates or deactivates up to 20 tags, and resolves to those that were refused, by key. */
  setActive(keys: readonly string[], isActive: boolean): Promise<Map<string, TagRefusal>>;
  /** The backfills of the account. */
  backfills(): Promise<Backfill[]>;
  /** Asks for the status of all tags to hold from a month on, `YYYY-MM`; false where the service takes no further request as yet. */
  startBackfill(month: string): Promise<boolean>;
}

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_UpdateCostAllocationTagsStatus.html (read 2026-11-21) */
export const MOST_TAGS_PER_CALL = 20;

/** The service was asked for something and did not do it. */
class TagServiceError extends Error {}

/**
 * Cost allocation tags, over the wire. What passes by itself is repeated; what does not comes with its cause.
 *
 * @param account the account that the calls are made from, for messages
 */
export function costAllocationTagsApi(client: CostExplorerClient, account: string, patience: Patience): CostAllocationTagsApi {
  async function call<T>(operation: string, send: () => Promise<T>): Promise<T> {
    try {
      return await patiently(patience, send);
    } catch (error) {
      throw explained(operation, account, error);
    }
  }
  return {
    list: async () => pages(async NextToken => {
      const { CostAllocationTags = [], NextToken: next } = await call('ListCostAllocationTags',
        () => client.send(new ListCostAllocationTagsCommand({ NextToken, MaxResults: 1000 })));
      return { entries: CostAllocationTags.map(({ TagKey = '', Status }) => ({ key: TagKey, isActive: Status === 'Active' })), next };
    }),
    setActive: async (keys, isActive) => {
      const { Errors = [] } = await call('UpdateCostAllocationTagsStatus', () => client.send(new UpdateCostAllocationTagsStatusCommand({
        CostAllocationTagsStatus: keys.map(TagKey => ({ TagKey, Status: isActive ? 'Active' : 'Inactive' })),
      })));
      return new Map(Errors.flatMap(({ TagKey, Code = 'Unknown', Message = '' }) =>
        // an error that names no key may be about any
        (TagKey === undefined ? keys : [TagKey]).map(key => [key, { code: Code, message: Message }])));
    },
    backfills: async () => pages(async NextToken => {
      const { BackfillRequests = [], NextToken: next } = await call('ListCostAllocationTagBackfillHistory',
        () => client.send(new ListCostAllocationTagBackfillHistoryCommand({ NextToken })));
      return {
        entries: BackfillRequests.map(({ BackfillFrom = '', RequestedAt = '', BackfillStatus }) => ({
          from: Date.parse(BackfillFrom), requestedAt: Date.parse(RequestedAt), status: BackfillStatus,
        })),
        next,
      };
    }),
    startBackfill: async month => {
      try {
        await client.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom: `${month}-01T00:00:00Z` }));
        return true;
      } catch (error) {
        // the next check asks again: a repetition after a lost connection could be a second request
        if (error instanceof Error && (error.name === 'BackfillLimitExceededException' || passesByItself(error))) return false;
        throw explained('StartCostAllocationTagBackfill', account, error);
      }
    },
  };
}

/** All entries of an operation with pages. */
async function pages<T>(read: (token: string | undefined) => Promise<{ entries: T[]; next: string | undefined }>): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { entries, next } = await read(token);
    all.push(...entries);
    token = next;
  } while (token !== undefined && token !== '');
  return all;
}

function explained(operation: string, account: string, error: unknown): Error {
  const said = `${operation} in account ${account} failed: ${messageOf(error)}`;
  if (isLinkedAccount(error)) return new TagServiceError(`${said.replace(/\.?$/, '.')} ${payerOnly(account)}`);
  if (lacksRight(error)) return new TagServiceError(`${said.replace(/\.?$/, '.')} ${rightMissing(operation)}`);
  return new TagServiceError(said, { cause: error });
}

function payerOnly(account: string): string {
  return 'Cost allocation tags belong to the account that pays: only the management (payer) account of an organization, or an account outside '
    + `of any organization, may list and activate them, and ${account} is a member account. No permission changes that. `
    + 'Move CostAllocationTagActivation to a stack of the management account.';
}

function rightMissing(operation: string): string {
  return `This account may activate tags, but the function was not let: its role allows ce:${operation}, so look for a service control policy `
    + 'or permissions boundary that denies it, and for Cost Explorer or IAM access to billing information that is switched off.';
}
