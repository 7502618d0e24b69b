import { readFileSync } from 'node:fs';
import { dataFile } from '../../../cli/src/data-files';
import type { SourceOptions, Sources } from '../../../cli/src/sources/sources';
import { renderBillExports } from '../../../lib/analytics/sql/bill-exports';
import { viewKeys } from '../../../lib/analytics/sql/view-keys';
import { renderView, VIEW_NAMES } from '../../../lib/analytics/sql/view-template';
import type { AttributionSchema } from '../../../lib/schema';
import { defineTable } from '../trino/glue-tables';
import type { Lake } from './lake';
import { LEDGER, put } from './world';

const DIMENSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  price_book: {
    model: 'string', region: 'string', route: 'string', tier: 'string', token_type: 'string', unit: 'string', usd: 'double',
    context_threshold_tokens: 'bigint', effective_from: 'date', effective_to: 'date', source: 'string', retrieved: 'date', precedence: 'int',
  },
  model_aliases: { kind: 'string', alias: 'string', model: 'string' },
  route_prefixes: { prefix: 'string', route: 'string' },
  billing_regions: { code: 'string', region: 'string' },
  inference_profiles: { inference_profile_arn: 'string', model_source: 'string', tags: 'map<string,string>' },
  principals: { principal_arn: 'string', tags: 'map<string,string>', declares_for_others: 'array<string>' },
};

export async function defineRenderedViews(
  lake: Lake, { engine }: Sources, schema: AttributionSchema, options: SourceOptions, exportName: string,
): Promise<void> {
  for (const [name, columns] of Object.entries(DIMENSIONS)) {
    const rows = await engine.rows(`SELECT ${Object.keys(columns).join(', ')} FROM ${name}`);
    put(lake, LEDGER, `dimensions/${name}/rows.ndjson`, rows.map(row => `${JSON.stringify(row)}\n`).join(''));
    defineTable(lake.metastore, {
      Name: name,
      TableType: 'EXTERNAL_TABLE',
      StorageDescriptor: {
        Columns: Object.entries(columns).map(([Name, Type]) => ({ Name, Type })),
        Location: `s3://${LEDGER}/dimensions/${name}/`,
        SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe', Parameters: { 'case.insensitive': 'FALSE' } },
      },
    });
  }
  await lake.trino.query(`CREATE VIEW bill_exports AS ${renderBillExports(exportName)}`);
  const keys = viewKeys(schema, options.asOf.toISOString().slice(0, 10));
  const parameters = {
    keys,
    spendKeys: keys
      .filter(key => key.principalTagNames.length + key.resourceTagNames.length > 0 || options.by.includes(key.name))
      .map(key => key.name),
    attributionOrder: options.attributionOrder,
    asOf: `TIMESTAMP '${options.asOf.toISOString().slice(0, 19).replace('T', ' ')}'`,
    settlementHours: options.settlementHours,
    cost: 'line_item_unblended_cost',
    invocationsSource: 'invocation_records',
    billSource: 'bedrock_bill_lines',
    logWindow: 'true',
  };
  for (const name of VIEW_NAMES) {
    await lake.trino.query(`CREATE VIEW ${name} AS\n${renderView(readFileSync(dataFile('sql', 'views', `${name}.sql`), 'utf8'), parameters)}`);
  }
}
