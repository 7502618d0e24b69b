import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TrinoClient } from '../trino/client';
import { defineDatabase, defineTable, type Metastore, type SynthesizedTemplate, tableInputs } from '../trino/glue-tables';
import type { Values } from '../trino/resolve-intrinsics';

/** A database of its own on the server of these tests, with buckets of its own. */
export class Lake {
  public readonly database: string;
  public readonly trino: TrinoClient;
  private readonly metastore: Metastore;

  constructor() {
    const { TRINO_URL = '', TRINO_LAKE = '' } = process.env;
    this.database = `lake_${randomBytes(6).toString('hex')}`;
    this.trino = new TrinoClient(TRINO_URL, this.database);
    this.metastore = {
      folder: join(TRINO_LAKE, 'metastore'),
      database: this.database,
      localUri: uri => uri.replace(/^s3:\/\//, `local:///data/s3/${this.database}/`),
    };
    defineDatabase(this.metastore);
  }

  /** The folder that stands for a bucket. */
  public bucket(name: string): string {
    const folder = join(process.env.TRINO_LAKE ?? '', 'data', 's3', this.database, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Writes a file of a bucket. */
  public put(bucket: string, key: string, content: string | Buffer): void {
    const path = join(this.bucket(bucket), key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** Defines the Glue tables and views of a template, and answers with their names. */
  public define(template: SynthesizedTemplate, values: Values = {}): string[] {
    const inputs = tableInputs(template, values);
    for (const input of inputs) defineTable(this.metastore, input);
    return inputs.map(({ Name }) => Name);
  }
}
