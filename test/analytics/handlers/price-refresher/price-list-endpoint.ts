import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const PATH = '/offers/v1.0/aws';
const VERSION = '20261120202025';

/**
 * The AWS Price List Bulk API, over HTTP and without signatures: an index of Regions for each service code, and the files that it names.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
 */
export class PriceListEndpoint {
  /** Starts on a free port of this machine. */
  public static async start(): Promise<PriceListEndpoint> {
    const endpoint = new PriceListEndpoint();
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  /** Files by service code and Region, joined by a slash. A service code without one has an index without Regions. */
  public readonly files = new Map<string, object>();

  /** Paths below that of the service codes, in the order of the requests. */
  public readonly requests: string[] = [];

  /** Where the service codes are on this host; the indexes say where they are on that of AWS. */
  public root = PATH;

  /** Whether the indexes say where the files are. */
  public saysWhere = true;

  private readonly answers: { path: RegExp; status: number; body: string; left: number }[] = [];
  private readonly server: Server = createServer(({ url = '' }, response) => {
    const path = url.slice(this.root.length + 1);
    this.requests.push(path);
    const { status, body } = this.answer(path);
    if (status === 0) response.destroy();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });

  /** Where the service codes are. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.root}`;
  }

  /** Has requests answered with something else, once or as often as is said; with status 0 the connection is cut. */
  public answerWith(path: RegExp, status: number, body = '', times = Infinity): void {
    this.answers.push({ path, status, body, left: times });
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private answer(path: string): { status: number; body: string } {
    const ordered = this.answers.find(next => next.left > 0 && next.path.test(path));
    if (ordered !== undefined) {
      ordered.left--;
      return ordered;
    }
    const [code, version, region] = path.split('/');
    if (region === 'region_index.json') return { status: 200, body: JSON.stringify({ formatVersion: 'v1.0', regions: this.regionsOf(code) }) };
    const file = [VERSION, 'current'].includes(version) ? this.files.get(`${code}/${region}`) : undefined;
    return file === undefined ? { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' } : { status: 200, body: JSON.stringify(file) };
  }

  private regionsOf(code: string): object {
    const regions = [...this.files.keys()].filter(key => key.startsWith(`${code}/`)).map(key => key.slice(code.length + 1));
    return Object.fromEntries(regions.map(regionCode => [regionCode, {
      regionCode, ...this.saysWhere ? { currentVersionUrl: `${PATH}/${code}/${VERSION}/${regionCode}/index.json` } : {},
    }]));
  }
}
