import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

test('the guide names the versions that are tested', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  const rows = [...read('docs/runtime/adapters.md').matchAll(/^\| `(@[^`]+)`[^|]*\| `\/[a-z-]+` \| ([\d.]+) \|/gm)].map(([, name, version]) => [name, version]);
  const packages = ['@anthropic-ai/bedrock-sdk', '@ai-sdk/amazon-bedrock', '@langchain/aws'];
  expect(rows).toEqual(packages.map(name => [name, devDependencies[name]]));
});
