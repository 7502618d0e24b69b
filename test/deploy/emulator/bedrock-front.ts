import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { BedrockRequest } from './recorded-profiles';

/** All of Bedrock at one address, for an SDK knows only one: lists of profiles are answered here, all else by whoever stands behind. */
export class BedrockFront {
  /** Listens on this machine only. */
  public static async start(behind: string): Promise<BedrockFront> {
    const front = new BedrockFront(behind);
    await new Promise<void>(resolve => front.server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  /** Answers a request, or leaves it to whoever stands behind. */
  public listing: (request: BedrockRequest) => object | undefined = () => undefined;

  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  private constructor(private readonly behind: string) {}

  /** Address for the `endpoint` of SDK clients. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections and listens no more. */
  public async stop(): Promise<void> {
    const closed = new Promise(resolve => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', this.behind);
    const body = await text(request);
    const region = /Credential=[^/]*\/[^/]*\/([^/]*)\//.exec(headers.authorization ?? '')?.[1] ?? '';
    const answer = this.listing({ method, url, region, text: body });
    if (answer !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      return;
    }
    // a connection that breaks behind, breaks here
    send(url, { method, headers })
      .once('response', behind => {
        response.writeHead(behind.statusCode ?? 502, behind.headers);
        behind.once('error', () => response.destroy()).pipe(response);
      })
      .once('error', () => response.destroy())
      .end(body);
  }
}
