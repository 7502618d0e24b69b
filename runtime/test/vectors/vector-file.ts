import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', 'test-vectors');
export const VECTORS_SCHEMA = 'test-vectors.schema.json';

/** A table of cases, each of which says in its name what it proves. */
export interface VectorFile<Case> {
  readonly kind: string;
  readonly cases: readonly (Case & { readonly name: string })[];
}

/** Names of the tables. */
export function vectorFiles(): string[] {
  return readdirSync(FOLDER).filter(name => name.endsWith('.json') && name !== VECTORS_SCHEMA);
}

/** The content of a file beside the tables, or of a table. */
export function vectorText(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** Reads a table, whose cases are as the schema of the tables says. */
export function readVectors(name: string): VectorFile<object> {
  return JSON.parse(vectorText(name)) as VectorFile<object>;
}
