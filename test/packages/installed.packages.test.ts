import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entries, PACKAGE, runScript, world } from './world';

const nodes = Object.entries(world.nodes);
const names = entries.map(entry => join(PACKAGE, entry));

interface Lock { readonly packages: Readonly<Record<string, { readonly version: string }>> }

/** What the endpoint of `consumers/service` sees, whatever it runs on. */
const STAMPED = {
  requests: [
    { path: '/model/amazon.nova-lite-v1:0/converse', requestMetadata: { team: 'payments', feature: 'summary' }, isHeaderSigned: false },
    { path: '/model/amazon.nova-lite-v1:0/invoke', header: '{"team":"payments","feature":"search"}', isHeaderSigned: true },
  ],
  refused: { isAttributionError: true, code: 'InvalidConfiguration' },
};

/** Names of everything that npm has installed in a project. */
function installedIn(project: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as Lock;
  return Object.keys(packages).filter(path => path !== '').map(path => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
}

async function expectEveryEntry(node: string, project: string): Promise<void> {
  const loaded = await runScript(node, project, 'load.mjs', ...names) as Record<string, { import: string[]; require: string[] }>;
  expect(Object.keys(loaded)).toEqual(names);
  for (const ways of Object.values(loaded)) {
    expect(ways.import).toEqual(expect.arrayContaining([expect.any(String)]));
    expect(ways.require).toEqual(ways.import);
  }
}

test('installs nothing but itself and its cache', () => {
  expect(installedIn(world.alone).sort()).toEqual([PACKAGE, 'lru-cache']);
});

test('brings no construct library into an application', () => {
  expect(installedIn(world.withPeers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(aws-cdk-lib|constructs|bedrock-cost-attribution)$/)]));
});

test('carries its licence and its README', () => {
  for (const name of ['LICENSE', 'README.md']) expect(existsSync(join(world.alone, 'node_modules', PACKAGE, name))).toBe(true);
});

describe.each(nodes)('on Node.js %s', (major, node) => {
  test.each(['service.mjs', 'service.cjs'])('%s stamps what it sends', async script => {
    const result = await runScript(node, world.withPeers, script);
    expect(result).toEqual({ version: expect.stringMatching(new RegExp(`^${major}\\.`)), ...STAMPED });
  });

  test('both copies of a process know the values of a call', async () => {
    expect(await runScript(node, world.withPeers, 'both.mjs')).toEqual({ areTwo: true, stamped: { feature: 'summary' }, isKnown: true, isInstance: false });
  });

  test('what an entry throws is an error of the core', async () => {
    expect(await runScript(node, world.withPeers, 'errors.mjs')).toEqual([true, true]);
  });

  test('an application without any of the packages that it works with can stamp', async () => {
    const exported = expect.arrayContaining(['attribution', 'defineAttributionSchema', 'withAttribution']) as unknown;
    expect(await runScript(node, world.alone, 'load.mjs', PACKAGE)).toEqual({ [PACKAGE]: { import: exported, require: exported } });
  });

  test('every entry exports the same in both ways', async () => {
    await expectEveryEntry(node, world.withPeers);
  });
});

describe('with the oldest packages that the client says it works with', () => {
  test.each(['service.mjs', 'service.cjs'])('%s stamps what it sends', async script => {
    expect(await runScript(process.execPath, world.withOldestPeers, script)).toMatchObject(STAMPED);
  });

  test('every entry exports the same in both ways', async () => {
    await expectEveryEntry(process.execPath, world.withOldestPeers);
  });
});
