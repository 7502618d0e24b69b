import { existsSync } from 'fs';
import { CostExplorerClient, ListCostAllocationTagsCommand } from '@aws-sdk/client-cost-explorer';
import { packageFile } from '../../../lib/private/package-file';

test('the bundled function is there and has the entry point that the template names', () => {
  const bundle = packageFile('assets', 'tag-activation', 'index.js');
  expect(existsSync(bundle)).toBe(true); // made by: npm run build:handlers
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle is CommonJS that is made at build time
  const module = require(bundle) as { handler: unknown };
  expect(typeof module.handler).toBe('function');
});

/** Where a call from a Region goes, and the Region that it is signed for. */
async function destinationFrom(region: string): Promise<unknown> {
  let destination: unknown;
  const client = new CostExplorerClient({
    region,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: ({ hostname, headers }: { hostname: string; headers: Record<string, string> }) => {
        destination = [hostname, headers.authorization.split('/')[2]];
        return Promise.reject(new Error('sent'));
      },
    },
  });
  await expect(client.send(new ListCostAllocationTagsCommand({}))).rejects.toThrow('sent');
  return destination;
}

test.each([
  ['eu-west-1', 'ce.us-east-1.amazonaws.com', 'us-east-1'],
  ['us-east-1', 'ce.us-east-1.amazonaws.com', 'us-east-1'],
  ['cn-north-1', 'ce.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1'],
  ['eusc-de-east-1', 'ce.eusc-de-east-1.api.amazonwebservices.eu', 'eusc-de-east-1'],
])('a stack of %s reaches Cost Explorer, which has one endpoint per partition', async (region, host, signedFor) => {
  expect(await destinationFrom(region)).toEqual([host, signedFor]);
});
