/**
 * Statements that Athena spells in its own way, for Trino: DDL and maintenance. All other statements are the same text.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html
 */
export function trinoSpelling(statement: string, database: string): string | undefined {
  const [, table, columns, partition] = /^CREATE TABLE IF NOT EXISTS (\w+) \(([^]*?)\)\n(?:PARTITIONED BY \((\w+)\)\n)?LOCATION '[^']*'\nTBLPROPERTIES \(.*\)$/.exec(statement) ?? [];
  if (table !== undefined) {
    const partitioned = partition === undefined ? '' : ` WITH (partitioning = ARRAY['${partition}'])`;
    return `CREATE TABLE IF NOT EXISTS iceberg.${database}.${table} (${trinoColumns(columns)})${partitioned}`;
  }
  const [, altered, added] = /^ALTER TABLE (\w+) ADD COLUMNS \((\w+ [^,]+)\)$/.exec(statement) ?? [];
  if (altered !== undefined) return `ALTER TABLE iceberg.${database}.${altered} ADD COLUMN ${trinoColumns(added)}`;
  const [, optimized, condition] = /^OPTIMIZE (\w+) REWRITE DATA USING BIN_PACK(?:\nWHERE (.*))?$/.exec(statement) ?? [];
  if (optimized !== undefined) return `ALTER TABLE iceberg.${database}.${optimized} EXECUTE optimize${condition === undefined ? '' : ` WHERE ${condition}`}`;
  const [, vacuumed] = /^VACUUM (\w+)$/.exec(statement) ?? [];
  if (vacuumed !== undefined) return `ALTER TABLE iceberg.${database}.${vacuumed} EXECUTE expire_snapshots(retention_threshold => '7d')`;
  return undefined;
}

function trinoColumns(columns: string): string {
  return columns.replaceAll('map<string,string>', 'map(varchar,varchar)').replace(/ string\b/g, ' varchar').replace(/ timestamp\b/g, ' timestamp(6)');
}
