import { existsSync } from 'fs';
import { packageFile } from '../../../lib/private/package-file';

test('the bundled handler is there and has the entry point that the function names', () => {
  const bundle = packageFile('assets', 'logging-configuration', 'index.js');
  expect(existsSync(bundle)).toBe(true); // made by: npm run build:handlers
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle is CommonJS that is made at build time
  const module = require(bundle) as { handler: unknown };
  expect(typeof module.handler).toBe('function');
});
