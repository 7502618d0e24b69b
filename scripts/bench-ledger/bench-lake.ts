import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../cli/src/engine/engine';
import { loadDimensions } from '../../cli/src/sources/load-dimensions';
import { AttributionSchema } from '../../lib/schema';
import { LedgerLake } from '../../test/conformance/ledger/ledger-lake';
import { filesBelow } from './invocation-logs';

export const SCHEMA = AttributionSchema.starter();

/** A ledger without logs yet, with the shipped prices and names of models. */
export async function openLedger(): Promise<LedgerLake> {
  const ledger = new LedgerLake(SCHEMA);
  const engine = await Engine.open();
  try {
    await loadDimensions(engine, {});
    for (const name of ['price_book', 'model_aliases']) ledger.dimension(name, await engine.rows(`SELECT * FROM ${name}`));
  } finally {
    engine.close();
  }
  return ledger;
}

/** Has the state machine of a ledger run to its end. */
export async function run(ledger: LedgerLake, startTime: string, input?: unknown): Promise<void> {
  const { status, error, cause, path } = await ledger.run(startTime, input);
  if (status !== 'SUCCEEDED') throw new Error(`the ledger failed in ${path.at(-1)}: ${error} ${cause}`);
}

/** The files of `usage_ledger`, of data and of metadata, superseded ones included. */
export function tableFiles({ lake: { database } }: LedgerLake): string[] {
  const folder = join(process.env.TRINO_LAKE ?? '', 'metastore', database);
  return readdirSync(folder).filter(name => name.startsWith('usage_ledger-')).flatMap(name => filesBelow(join(folder, name)));
}
