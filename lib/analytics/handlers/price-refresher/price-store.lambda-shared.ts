import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { call } from '../../../private/handlers/calls.lambda-shared';
import type { Timing } from '../../../private/handlers/retry.lambda-shared';
import { PRICE_LIST_FOLDER } from './constants';

/** The bucket of the ledger, as the price refresher uses it. */
export interface PriceStore {
  /** The text of an object; undefined when there is none. */
  read(key: string): Promise<string | undefined>;
  /** Writes an object, in place of the one that may be there. */
  write(key: string, text: string): Promise<void>;
  /** The texts of the history, the oldest first. */
  history(): Promise<string[]>;
  /** Adds a file to the history, which has none of its files changed, and answers with its key. */
  append(day: string, text: string): Promise<string>;
}

/** How a store waits. */
export interface StorePatience {
  readonly timing: Timing;
  /** Whether a missing right may be on its way, as it is while a stack is created. */
  readonly awaitsRights: boolean;
}

const BUDGET_MS = 60_000;

/** Somebody writes the same object at the same moment. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
const CONFLICT = 'ConditionalRequestConflict';

/** A file of the history: `price-list/2026-11-21.ndjson`, and `price-list/2026-11-21-2.ndjson` for the second one of a day. */
const HISTORY_KEY = /^price-list\/(\d{4}-\d{2}-\d{2})(?:-(\d+))?\.ndjson$/;

/** The store in a bucket. */
export function priceStore(client: S3Client, Bucket: string, { timing, awaitsRights }: StorePatience): PriceStore {
  const isRetryable = (error: unknown): boolean => isNamed(error, CONFLICT) || (awaitsRights && isNamed(error, 'AccessDenied'));
  const ask = <T>(action: string, operation: () => Promise<T>): Promise<T> =>
    call(`${action} on ${Bucket}`, { timing, deadline: timing.now() + BUDGET_MS, isRetryable }, operation);

  const list = (Prefix: string): Promise<string[]> => ask('s3:ListBucket', async () => {
    const keys: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix, Delimiter: '/' })) {
      keys.push(...Contents.flatMap(({ Key = '' }) => Key));
    }
    return keys;
  });
  const get = (Key: string): Promise<string> => ask('s3:GetObject', async () => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToString() ?? '';
  });

  return {
    // S3 tells "not there" from "not allowed" only to those who may list the whole bucket
    read: async key => (await list(key)).includes(key) ? get(key) : undefined,

    write: (Key, text) => ask('s3:PutObject', async () => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: text, ContentType: 'application/json' }));
    }),

    history: async () => {
      const texts: string[] = [];
      for (const key of (await list(PRICE_LIST_FOLDER)).filter(name => HISTORY_KEY.test(name)).sort(byAge)) texts.push(await get(key));
      return texts;
    },

    append: async (day, text) => {
      for (let number = 1; ; number++) {
        const Key = `${PRICE_LIST_FOLDER}${day}${number === 1 ? '' : `-${number}`}.ndjson`;
        const isNew = await ask('s3:PutObject', async () => {
          try {
            await client.send(new PutObjectCommand({ Bucket, Key, Body: text, ContentType: 'application/json', IfNoneMatch: '*' }));
            return true;
          } catch (error) {
            if (isNamed(error, 'PreconditionFailed')) return false;
            throw error;
          }
        });
        if (isNew) return Key;
      }
    },
  };
}

function byAge(left: string, right: string): number {
  const [one, other] = [left, right].map(key => HISTORY_KEY.exec(key) ?? []);
  return one[1] === other[1] ? Number(one[2] ?? 1) - Number(other[2] ?? 1) : one[1] < other[1] ? -1 : 1;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
