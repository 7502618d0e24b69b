import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { copyCheckout, synthesizeApp, type Surroundings } from './support/synthesize-app';

/** What is deployed: templates and the lists of their assets, byte by byte. The other files say where the sources lie. */
function deployed(surroundings: Surroundings): Map<string, string> {
  return new Map([...synthesizeApp(surroundings)].filter(([name]) => /\.(template|assets)\.json$/.test(name)));
}

const reference = deployed({ env: { TZ: 'UTC', LANG: 'en_US.UTF-8' } });

test('a template and a list of assets of each of the ten stacks are compared', () => {
  expect(reference.size).toBe(20);
});

test('synthesis is the same from another working folder', () => {
  expect(deployed({ cwd: os.tmpdir() })).toEqual(reference);
});

test('synthesis is the same at another time', () => {
  expect(deployed({ preload: path.join(__dirname, 'support', 'fixed-clock.js') })).toEqual(reference);
});

test('synthesis is the same in another language and time zone', () => {
  expect(deployed({ env: { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } })).toEqual(reference);
});

test('synthesis is the same from a checkout elsewhere, for another user on another machine', () => {
  const checkout = copyCheckout();
  try {
    expect(deployed({ checkout, cwd: checkout, env: { HOME: checkout, USER: 'somebody', HOSTNAME: 'elsewhere' } })).toEqual(reference);
  } finally {
    fs.rmSync(checkout, { recursive: true });
  }
});
