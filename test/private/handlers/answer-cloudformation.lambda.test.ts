import { createServer, type IncomingMessage, type Server } from 'http';
import type { AddressInfo } from 'net';
import { sendByHttp } from '../../../lib/private/handlers/answer-cloudformation.lambda-shared';

interface Received { readonly method?: string; readonly url?: string; readonly headers: IncomingMessage['headers']; readonly body: string }

let server: Server;
let address: string;
let received: Received[];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(request.url === '/refused' ? 403 : 200).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  received = [];
});

afterAll(() => new Promise(resolve => server.close(resolve)));

test('an answer goes on the wire as the signed address expects it', async () => {
  expect(await sendByHttp(`${address}/answer?Signature=a%2Bb`, '{"Reason":"größer"}')).toBe(200);
  expect(received).toEqual([expect.objectContaining({ method: 'PUT', url: '/answer?Signature=a%2Bb', body: '{"Reason":"größer"}' })]);
  expect(received[0].headers).toMatchObject({ 'content-type': '', 'content-length': '21' });
  expect(received[0].headers).not.toHaveProperty('transfer-encoding');
});

test('a refused answer is reported by its status', async () => {
  expect(await sendByHttp(`${address}/refused`, '{}')).toBe(403);
});
