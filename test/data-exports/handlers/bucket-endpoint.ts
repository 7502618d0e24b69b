import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request asked for. */
export interface Listing {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  /** The Region that the request is signed for. */
  readonly region: string;
}

/** A page of a list: its folders and keys, and where the next one starts. */
interface Page {
  readonly folders: string[];
  readonly keys: string[];
  readonly next?: number;
}

/**
 * The one operation of S3 that the health check calls, ListObjectsV2, over HTTP. The bucket is in one Region, and requests that are signed
 * for another are sent there.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export class BucketEndpoint {
  /** Starts on a free port of this machine. */
  public static async start(): Promise<BucketEndpoint> {
    const endpoint = new BucketEndpoint();
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  /** The keys of all objects. */
  public keys: string[] = [];

  /** The Region of the bucket. */
  public region = 'us-east-1';

  /** Folders and keys on a page at most. */
  public pageSize = 1000;

  /** What all requests are refused with, if they are. */
  public refusal?: { readonly status: number; readonly code: string; readonly message: string };

  /** The requests that came to the right Region. */
  public readonly listings: Listing[] = [];

  private readonly server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://bucket');
    const { status, body } = this.answer(url, signedRegion(request.headers.authorization));
    response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-bucket-region': this.region }).end(body);
  });

  /** Address for the `endpoint` of SDK clients, with `forcePathStyle`. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private answer(url: URL, region: string): { status: number; body: string } {
    if (region !== this.region) return problem(301, 'PermanentRedirect', 'use the endpoint of the bucket');
    if (this.refusal !== undefined) return problem(this.refusal.status, this.refusal.code, this.refusal.message);

    const [prefix, delimiter] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('delimiter') ?? ''];
    this.listings.push({ bucket: url.pathname.split('/')[1], prefix, delimiter, region });
    const size = Math.min(this.pageSize, Number(url.searchParams.get('max-keys') ?? 1000));
    const { folders, keys, next } = this.page(prefix, delimiter, Number(url.searchParams.get('continuation-token') ?? 0), size);
    const body = [
      ...keys.map(key => `<Contents><Key>${key}</Key></Contents>`),
      ...folders.map(folder => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`),
      `<IsTruncated>${next !== undefined}</IsTruncated>`,
      ...next === undefined ? [] : [`<NextContinuationToken>${next}</NextContinuationToken>`],
    ].join('');
    return { status: 200, body: `<ListBucketResult>${body}</ListBucketResult>` };
  }

  /** What lies below a prefix, each folder as one entry. */
  private page(prefix: string, delimiter: string, start: number, size: number): Page {
    const found = this.keys.filter(key => key.startsWith(prefix)).map(key => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + 1);
    });
    const all = [...new Set(found)].sort();
    const entries = all.slice(start, start + size);
    const isFolder = (entry: string): boolean => delimiter !== '' && entry.endsWith(delimiter);
    return {
      folders: entries.filter(isFolder),
      keys: entries.filter(entry => !isFolder(entry)),
      ...start + size < all.length ? { next: start + size } : {},
    };
  }
}

function signedRegion(authorization = ''): string {
  return /Credential=[^/]*\/[^/]*\/([^/]*)\//.exec(authorization)?.[1] ?? '';
}

function problem(status: number, code: string, message: string): { status: number; body: string } {
  return { status, body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>` };
}
