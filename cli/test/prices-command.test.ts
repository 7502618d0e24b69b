import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pricesCommand } from '../src/commands/prices';
import { UsageError } from '../src/usage-error';

const folder = mkdtempSync(join(tmpdir(), 'prices-'));
afterAll(() => { rmSync(folder, { recursive: true }); });
afterEach(() => { jest.useRealTimers(); });

function run(...args: string[]): string {
  let printed = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    printed += String(chunk);
    return true;
  });
  try {
    pricesCommand().exitOverride().configureOutput({ writeErr: () => undefined }).parse(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return printed;
}

function priceFile(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('the table of all prices fits 100 columns and cuts nothing off', () => {
  const table = run();
  expect(Math.max(...table.split('\n').map(line => line.length))).toBeLessThanOrEqual(100);
  expect(table).not.toContain('…');
});

test('the table says how many days old the newest price is', () => {
  jest.useFakeTimers({ now: new Date('2026-11-21T12:00:00Z') });
  expect(run('--model', 'nova-micro')).toMatch(/newest price read on 2026-10-08, 44 days ago/);
});

test('--model and --region leave only what matches both', () => {
  const file = JSON.parse(run('--model', 'Sonnet-4-6', '--region', 'EU-West-1', '--format', 'json')) as { entries: { model: string; region: string }[] };
  expect(new Set(file.entries.map(({ model, region }) => `${model} ${region}`))).toEqual(new Set(['anthropic.claude-sonnet-4-6 eu-west-1']));
});

test('--format csv prints one line a price under the field names of price files', () => {
  const [header, ...lines] = run('--model', 'nova-micro', '--region', 'us-east-1', '--format', 'csv').trimEnd().split('\n');
  expect(header).toBe('model,region,route,tier,token_type,unit,usd,context_threshold_tokens,effective_from,effective_to,source,retrieved,confidence');
  expect(lines.filter(line => line.startsWith('amazon.nova-micro-v1:0,us-east-1,regional,standard,input,1M tokens,0.035,'))).toHaveLength(1);
});

test('--format json prints a price file that can be given back', () => {
  const path = join(folder, 'again.json');
  writeFileSync(path, run('--model', 'nova-micro', '--format', 'json'));
  expect(run('--model', 'nova-micro', '--prices', path)).toContain('amazon.nova-micro-v1:0');
});

test('--prices lays prices and discounts of a file over the shipped ones', () => {
  const path = priceFile('mine.json', { entries: [{ model: 'in-house.model', token_type: 'input', usd: 7 }], discounts: [{ fraction: 0.5, model: 'amazon.nova-micro-v1:0' }] });
  expect(JSON.parse(run('--model', 'in-house', '--prices', path, '--format', 'json')).entries).toMatchObject([{ model: 'in-house.model', region: '*', usd: 7 }]);
  expect(run('--model', 'nova-micro', '--region', 'us-east-1', '--prices', path, '--format', 'csv')).toContain('regional,standard,input,1M tokens,0.0175,');
});

test('fails with a usage error that names the file for a price file with problems', () => {
  const path = priceFile('bad.json', { entries: [{ model: 'm', token_type: 'input', usd: -1 }] });
  expect(() => run('--prices', path)).toThrow(UsageError);
  expect(() => run('--prices', path)).toThrow(/bad\.json" cannot be used as a price file: .*[^]*entries\[0\]: usd is -1/);
});

test('fails with a usage error for a price file that does not exist', () => {
  expect(() => run('--prices', join(folder, 'absent.json'))).toThrow(/absent\.json" cannot be used as a price file: .*ENOENT/);
});

test('fails with a usage error when nothing matches the filters', () => {
  expect(() => run('--model', 'no-such-model')).toThrow(/no price matches --model "no-such-model": widen/);
  expect(() => run('--model', 'nova', '--region', 'mars')).toThrow(/no price matches --model "nova" --region "mars": widen/);
});

test('fails for a format that it does not know', () => {
  expect(() => run('--format', 'xml')).toThrow(/Allowed choices are table, json, csv/);
});
