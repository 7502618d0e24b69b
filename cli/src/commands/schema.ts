import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { AttributionSchema, type LockChange, LockVerdict, SchemaError, SchemaLock } from '../../../lib/schema';
import { isDay } from '../is-day';
import { schemaModule, schemaTypeModule } from '../schema-types';
import { output, readText, writeText } from '../text-files';
import { UsageError } from '../usage-error';

interface SchemaOptions {
  readonly schema: string;
  readonly today?: string;
}

interface LockOptions extends SchemaOptions {
  readonly lock: string;
}

interface TypesOptions {
  readonly out?: string;
  readonly json?: boolean;
}

/** `bca schema`: holds the attribution schema against its lock, writes the lock, prints its JSON Schema and its TypeScript types. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('check and lock the attribution schema, and make types of it')
    .addCommand(withLock(new Command('check'))
      .description('tell what has changed since the lock was written; exit code 1 when a change is refused')
      .action((options: LockOptions) => { check(options); }))
    .addCommand(withLock(new Command('lock'))
      .description('write the lock, unless a change since the last one is refused')
      .action((options: LockOptions) => { lock(options); }))
    .addCommand(withSchema(new Command('json-schema'))
      .description('print the JSON Schema (2020-12) of request metadata')
      .action((options: SchemaOptions) => { process.stdout.write(readSchema(options.schema).requestMetadataJsonSchema(dayOf(options))); }))
    .addCommand(new Command('types')
      .description('print a TypeScript module that has the names and allowed values of the keys as types')
      .argument('[schema]', 'attribution schema', 'attribution-schema.json')
      .option('--out <file>', 'write the module there (default: to the terminal)')
      .option('--json', 'only the type, for a schema that is read at run time')
      .action((file: string, options: TypesOptions) => { types(file, options); }));
}

function withSchema(command: Command): Command {
  return command
    .option('--schema <file>', 'attribution schema', 'attribution-schema.json')
    .option('--today <date>', 'day that decides about requiredFrom (default: today, UTC)');
}

function withLock(command: Command): Command {
  return withSchema(command).option('--lock <file>', 'lock of the schema', 'attribution-schema.lock.json');
}

function check(options: LockOptions): void {
  const schema = readSchema(options.schema);
  const today = dayOf(options);
  if (!existsSync(options.lock)) throw new UsageError(`there is no lock ${JSON.stringify(options.lock)}: write one with bca schema lock and commit it`);
  const changes = compare(options.lock, schema, today);
  const notes = schema.activeKeys.filter(({ requiredFrom }) => requiredFrom !== undefined && requiredFrom <= today)
    .map(({ name, requiredFrom }) => `note     key ${name}: its requiredFrom day ${requiredFrom ?? ''} has come; leave it out, so that synthesis requires the key too`);
  for (const line of [...changes.map(describe), ...notes]) process.stdout.write(`${line}\n`);
  process.stdout.write(`${summary(changes)}\n`);
  if (changes.some(isRefused)) process.exitCode = 1;
}

function lock(options: LockOptions): void {
  const schema = readSchema(options.schema);
  const changes = existsSync(options.lock) ? compare(options.lock, schema, dayOf(options)) : [];
  for (const change of changes) process.stdout.write(`${describe(change)}\n`);
  if (changes.some(isRefused)) {
    process.stdout.write(`${options.lock} is left as it was\n`);
    process.exitCode = 1;
    return;
  }
  writeText(options.lock, SchemaLock.lockText(schema));
  process.stdout.write(`${options.lock} written: commit it beside the schema\n`);
}

function types(file: string, options: TypesOptions): void {
  const schema = readSchema(file);
  output(options.json === true ? schemaTypeModule(schema, file) : schemaModule(schema, file), options.out);
}

function summary(changes: LockChange[]): string {
  const refused = changes.filter(isRefused).length;
  if (changes.length === 0) return 'the schema is as it was locked';
  return refused > 0 ? `${refused} of ${changes.length} changes refused` : 'every change is fine: take them into the lock with bca schema lock';
}

function isRefused({ verdict }: LockChange): boolean {
  return verdict === LockVerdict.REFUSED;
}

function describe({ verdict, sentence }: LockChange): string {
  return `${verdict.padEnd(8)} ${sentence}`;
}

function dayOf({ today }: SchemaOptions): string {
  if (today === undefined) return new Date().toISOString().slice(0, 10);
  if (!isDay(today)) throw new UsageError(`--today ${JSON.stringify(today)} is no day: give it as YYYY-MM-DD`);
  return today;
}

function readSchema(file: string): AttributionSchema {
  return understand(file, readText(file), text => AttributionSchema.fromJson(text));
}

function compare(file: string, schema: AttributionSchema, today: string): LockChange[] {
  return understand(file, readText(file), text => SchemaLock.compare(text, schema, today));
}

function understand<T>(file: string, text: string, make: (text: string) => T): T {
  try {
    return make(text);
  } catch (error) {
    if (error instanceof SchemaError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}
