import { ListObjectsV2Command, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { explained } from './check-failed.lambda-shared';

/** Where the folders of exports lie. */
export interface ExportFolders {
  readonly bucket: string;
  /** Without a slash at either end. */
  readonly prefix: string;
}

/**
 * Names of the folders that hold the data of an export which is not known, in the order of the bucket.
 *
 * @param known names of the exports that tables read, and of those that are not to be read
 */
export async function findUnreadExports(client: S3Client, folders: ExportFolders, known: ReadonlySet<string>): Promise<string[]> {
  const unread: string[] = [];
  for (const name of await listFolders(client, folders)) {
    if (!known.has(name) && await holdsData(client, folders, name)) unread.push(name);
  }
  return unread;
}

async function listFolders(client: S3Client, { bucket, prefix }: ExportFolders): Promise<string[]> {
  const start = `${prefix}/`;
  return listing(bucket, async () => {
    const names: string[] = [];
    for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: start, Delimiter: '/' })) {
      names.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(start.length, -1)));
    }
    return names;
  });
}

/** The data of an export lies in its folder `data/`; a folder without one is something else, or an export that has delivered nothing. */
async function holdsData(client: S3Client, { bucket, prefix }: ExportFolders, name: string): Promise<boolean> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/${name}/data/`, MaxKeys: 1 });
  const { Contents = [] } = await listing(bucket, () => client.send(command));
  return Contents.length > 0;
}

function listing<T>(bucket: string, call: () => Promise<T>): Promise<T> {
  return explained('s3:ListBucket', `the role of this function allows it on ${bucket}, so look at the policy of the bucket, `
  + 'or set lookForUnreadExports to false', call);
}
