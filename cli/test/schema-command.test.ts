import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { AttributionKey, AttributionSchema, SchemaLock } from '../../lib/schema';
import { schemaCommand } from '../src/commands/schema';
import { UsageError } from '../src/usage-error';

const TODAY = '2026-06-01';
const starter = AttributionSchema.starter({ teams: ['search', 'ads'] });
let folder: string;
let schemaFile: string;
let lockFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bca-schema-'));
  schemaFile = join(folder, 'attribution-schema.json');
  lockFile = join(folder, 'attribution-schema.lock.json');
});

afterEach(() => { rmSync(folder, { recursive: true }); });

/** Runs `bca schema …` in this process and gives what it printed with its exit code. */
function run(...args: string[]): { code: number | string | null | undefined; out: string } {
  let out = '';
  const before = process.exitCode;
  process.exitCode = 0;
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation(text => { out += text.toString(); return true; });
  try {
    schemaCommand().exitOverride().parse(args, { from: 'user' });
    return { code: process.exitCode, out };
  } finally {
    spy.mockRestore();
    process.exitCode = before;
  }
}

const onFiles = (...args: string[]): string[] => [...args, '--schema', schemaFile, '--lock', lockFile, '--today', TODAY];

function usageErrorAbout(file: string): Error {
  return expect.objectContaining({ exitCode: 2, message: expect.stringContaining(file) as string }) as Error;
}

function given(schema: AttributionSchema, locked?: AttributionSchema): void {
  writeFileSync(schemaFile, schema.toJson());
  if (locked !== undefined) writeFileSync(lockFile, SchemaLock.lockText(locked));
}

const withKeys = (...keys: AttributionKey[]): AttributionSchema => new AttributionSchema({ version: 1, keys: [...starter.keys, ...keys] });
const tenant = AttributionKey.of('tenant', { description: 'Tenant.' });
const withoutFeature = new AttributionSchema({ version: 1, keys: starter.keys.filter(({ name }) => name !== 'feature') });

describe('bca schema check', () => {
  test('is content with a schema that is as it was locked', () => {
    given(starter, starter);
    expect(run(...onFiles('check'))).toEqual({ code: 0, out: 'the schema is as it was locked\n' });
  });

  test('is content with a fine change and says how to take it', () => {
    given(withKeys(tenant), starter);
    const { code, out } = run(...onFiles('check'));
    expect(code).toBe(0);
    expect(out).toMatch(/^fine {5}key tenant: optional key added.*\n.*bca schema lock\n$/);
  });

  test('fails with exit code 1 for a refused change and says what to do instead', () => {
    given(withoutFeature, starter);
    const { code, out } = run(...onFiles('check'));
    expect(code).toBe(1);
    expect(out).toMatch(/^refused {2}key feature: key removed; keep it and set deprecatedInFavourOf/);
    expect(out).toContain('1 of 1 changes refused');
  });

  test.each([['2026-06-01', 1], ['2026-06-02', 0]])('judges a requiredFrom of %s by the day it runs', (requiredFrom, code) => {
    given(withKeys(AttributionKey.of('tenant', { description: 'Tenant.', required: true, requiredFrom })), starter);
    expect(run(...onFiles('check')).code).toBe(code);
  });

  test('reminds of a requiredFrom day that has come', () => {
    const due = withKeys(AttributionKey.of('tenant', { description: 'Tenant.', required: true, requiredFrom: TODAY }));
    given(due, due);
    expect(run(...onFiles('check')).out).toContain(`note     key tenant: its requiredFrom day ${TODAY} has come`);
  });

  test('judges by the present day when no other is given', () => {
    const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const from = (requiredFrom: string): AttributionSchema =>
      withKeys(AttributionKey.of('tenant', { description: 'Tenant.', required: true, requiredFrom }));
    given(from(day(-2)), starter);
    expect(run('check', '--schema', schemaFile, '--lock', lockFile).code).toBe(1);
    given(from(day(2)), starter);
    expect(run('check', '--schema', schemaFile, '--lock', lockFile).code).toBe(0);
  });

  test('looks for both files in the current folder', () => {
    given(starter, starter);
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(run('check').code).toBe(0);
    } finally {
      process.chdir(before);
    }
  });

  test('fails without a lock and says how to make one', () => {
    given(starter);
    expect(() => run(...onFiles('check'))).toThrow(new UsageError(`there is no lock ${JSON.stringify(lockFile)}: write one with bca schema lock and commit it`));
  });

  test('fails for a schema that does not exist', () => {
    expect(() => run(...onFiles('check'))).toThrow(/cannot be read: ENOENT/);
  });

  test.each([['no JSON', '{'], ['no schema', '{"version":1}'], ['a schema with a bad key', '{"version":1,"keys":[{"name":"Team","description":"x"}]}']])(
    'fails with exit code 2 for a schema file that holds %s', (_, text) => {
      given(starter, starter);
      writeFileSync(schemaFile, text);
      expect(() => run(...onFiles('check'))).toThrow(usageErrorAbout(schemaFile));
    });

  test('fails with exit code 2 for a lock that is none', () => {
    given(starter);
    writeFileSync(lockFile, starter.toJson());
    expect(() => run(...onFiles('check'))).toThrow(usageErrorAbout(lockFile));
  });

  test.each(['tomorrow', '2026-02-30', ''])('fails for %j, which is no day', day => {
    given(starter, starter);
    expect(() => run('check', '--schema', schemaFile, '--lock', lockFile, '--today', day)).toThrow(`--today "${day}" is no day: give it as YYYY-MM-DD`);
  });
});

describe('bca schema lock', () => {
  test('writes the first lock, which then holds', () => {
    given(starter);
    expect(run(...onFiles('lock')).code).toBe(0);
    expect(readFileSync(lockFile, 'utf8')).toBe(SchemaLock.lockText(starter));
    expect(run(...onFiles('check')).out).toBe('the schema is as it was locked\n');
  });

  test('takes a fine change', () => {
    given(withKeys(tenant), starter);
    expect(run(...onFiles('lock')).code).toBe(0);
    expect(readFileSync(lockFile, 'utf8')).toBe(SchemaLock.lockText(withKeys(tenant)));
  });

  test('fails with exit code 1 for a refused change and leaves the lock alone', () => {
    given(withoutFeature, starter);
    expect(run(...onFiles('lock')).code).toBe(1);
    expect(readFileSync(lockFile, 'utf8')).toBe(SchemaLock.lockText(starter));
  });

  test('fails without writing when the schema is invalid', () => {
    writeFileSync(schemaFile, '{}');
    expect(() => run(...onFiles('lock'))).toThrow(UsageError);
    expect(existsSync(lockFile)).toBe(false);
  });

  test('fails for a lock that cannot be written', () => {
    given(starter);
    lockFile = join(folder, 'missing', 'lock.json');
    expect(() => run(...onFiles('lock'))).toThrow(/cannot be written/);
  });

  test('fails for a lock that is a folder', () => {
    given(starter);
    mkdirSync(lockFile);
    expect(() => run(...onFiles('lock'))).toThrow(/cannot be read/);
  });
});

describe('bca schema json-schema', () => {
  const hashed = AttributionKey.of('user_hash', { description: 'Caller.', personal: true, allowedValues: ['ann'] });
  const project = AttributionKey.of('project', { description: 'Project.', pattern: 'p-[0-9]+|none' });
  const squad = AttributionKey.of('squad', { description: 'Squad.', deprecatedInFavourOf: 'team' });
  const later = AttributionKey.of('tenant', { description: 'Tenant.', required: true, requiredFrom: '2026-07-01' });
  const full = withKeys(hashed, project, squad, later);
  const base = { team: 'ads', service: 's', env: 'e' };

  function accepts(metadata: Record<string, unknown>, today = TODAY): boolean {
    given(full);
    const { out } = run('json-schema', '--schema', schemaFile, '--today', today);
    return new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).validate(JSON.parse(out) as object, metadata);
  }

  test.each([
    ['the required keys', base],
    ['optional keys', { ...base, feature: '', request_id: 'r#1' }],
    ['a hash in place of a personal value', { ...base, user_hash: '9f86d081' }],
    ['either alternative of a pattern', { ...base, project: 'none' }],
    ['a deprecated key in place of its successor', { squad: 'x', service: 's', env: 'e' }],
    ['the longest value', { ...base, feature: 'x'.repeat(256) }],
  ])('accepts %s, as the schema does', (_, metadata) => {
    expect(accepts(metadata)).toBe(true);
    expect(full.validateRequestMetadata(metadata, TODAY)).toEqual([]);
  });

  test.each([
    ['no key at all', {}],
    ['a required key that is missing', { team: 'ads', service: 's' }],
    ['a required key that is empty', { ...base, env: '' }],
    ['a value that is not allowed', { ...base, team: 'Ads' }],
    ['a value that matches a pattern only in part', { ...base, project: 'p-1x' }],
    ['a key in another case', { ...base, Feature: 'x' }],
    ['an unknown key', { ...base, cost_center: 'x' }],
    ['a value that is too long', { ...base, feature: 'x'.repeat(257) }],
    ['a character that the service refuses', { ...base, feature: 'auth0|id' }],
  ])('refuses %s, as the schema does', (_, metadata) => {
    expect(accepts(metadata)).toBe(false);
    expect(full.validateRequestMetadata(metadata, TODAY)).not.toEqual([]);
  });

  test.each([['2026-06-30', true], ['2026-07-01', false]])('lets a key that is required from a later day be absent on %s: %s', (today, expected) => {
    expect(accepts(base, today)).toBe(expected);
  });
});
