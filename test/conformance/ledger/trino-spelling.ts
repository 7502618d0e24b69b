/**
 * Statements that Athena spells in its own way, for Trino: DDL and maintenance. All other statements are the same text.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html
 */
export function trinoSpelling(statement: string, database: string): string | undefined {
  for (const [athena, trino] of SPELLINGS) {
    const found = athena.exec(statement);
    if (found !== null) return trino(database, ...found.slice(1));
  }
  return undefined;
}

type Spelling = readonly [athena: RegExp, trino: (database: string, ...parts: (string | undefined)[]) => string];

const SPELLINGS: readonly Spelling[] = [
  [
    /^CREATE TABLE IF NOT EXISTS (\w+) \(([^]*?)\)\n(?:PARTITIONED BY \((\w+)\)\n)?LOCATION '[^']*'\nTBLPROPERTIES \(.*\)$/,
    (database, table, columns, partition) => `CREATE TABLE IF NOT EXISTS iceberg.${database}.${table} (${trinoColumns(columns)})${
      partition === undefined ? '' : ` WITH (partitioning = ARRAY['${partition}'])`}`,
  ],
  [
    /^ALTER TABLE (\w+) ADD COLUMNS \((\w+ [^,]+)\)$/,
    (database, table, column) => `ALTER TABLE iceberg.${database}.${table} ADD COLUMN ${trinoColumns(column)}`,
  ],
  [
    /^OPTIMIZE (\w+) REWRITE DATA USING BIN_PACK(\nWHERE .*)?$/,
    (database, table, condition = '') => `ALTER TABLE iceberg.${database}.${table} EXECUTE optimize${condition}`,
  ],
  [/^VACUUM (\w+)$/, (database, table) => `ALTER TABLE iceberg.${database}.${table} EXECUTE expire_snapshots(retention_threshold => '7d')`],
];

function trinoColumns(columns = ''): string {
  return columns.replaceAll('map<string,string>', 'map(varchar,varchar)').replace(/ string\b/g, ' varchar').replace(/ timestamp\b/g, ' timestamp(6)');
}
