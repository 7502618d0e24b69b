import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectionForTrino } from './projection';
import { resolveIntrinsics, type Values } from './resolve-intrinsics';

/** What CloudFormation synthesized, as far as these tests look at it. */
export interface SynthesizedTemplate {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

interface GlueColumn {
  readonly Name: string;
  readonly Type: string;
}

/** The `TableInput` of a Glue table, with all references resolved. */
export interface TableInput {
  readonly Name: string;
  readonly TableType: string;
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly PartitionKeys?: readonly GlueColumn[];
  readonly ViewOriginalText?: string;
  readonly ViewExpandedText?: string;
  readonly StorageDescriptor: {
    readonly Columns: readonly GlueColumn[];
    readonly Location?: string;
    readonly SerdeInfo?: { readonly SerializationLibrary?: string; readonly Parameters?: Readonly<Record<string, string>> };
  };
}

const STORAGE_FORMATS: Readonly<Partial<Record<string, string>>> = {
  'org.openx.data.jsonserde.JsonSerDe': 'OPENX_JSON',
  'org.apache.hive.hcatalog.data.JsonSerDe': 'JSON',
  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe': 'PARQUET',
};

/** The Glue tables and views of a template, in its order. */
export function tableInputs(template: SynthesizedTemplate, given: Values): TableInput[] {
  const values = { ...databaseNames(template, given), ...given };
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Glue::Table')
    .map(({ Properties }) => resolveIntrinsics(Properties?.TableInput, values) as TableInput);
}

/** What Athena keeps of a view, in its text. */
export interface ViewDefinition {
  readonly originalSql: string;
  readonly catalog: string;
  readonly schema: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** The JSON in the text of a view. */
export function viewDefinition({ ViewOriginalText = '' }: TableInput): ViewDefinition {
  const [, base64 = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(ViewOriginalText) ?? [];
  return JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as ViewDefinition;
}

/** What references to the databases of a template stand for. */
function databaseNames(template: SynthesizedTemplate, values: Values): Values {
  const databases = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Glue::Database');
  return Object.fromEntries(databases.map(([id, { Properties }]) => {
    const { Name } = resolveIntrinsics(Properties?.DatabaseInput, values) as { Name: string };
    return [id, Name];
  }));
}

/** Where tables are defined and their files lie. */
export interface Metastore {
  /** The folder of the definitions. */
  readonly folder: string;
  readonly database: string;
  /** The address for Trino of an address in S3. */
  readonly localUri: (s3Uri: string) => string;
}

/**
 * Defines a table or view as Glue would, for Trino: its file metastore keeps the parameters of tables and SerDes under their own names, so
 * that projection, SerDe and views work, or fail, as the template has them.
 */
export function defineTable({ folder, database, localUri }: Metastore, input: TableInput): void {
  const { StorageDescriptor: { Columns, Location, SerdeInfo }, TableType } = input;
  const isView = TableType === 'VIRTUAL_VIEW';
  const definition = {
    writerVersion: '476',
    owner: 'glue',
    tableType: TableType,
    dataColumns: columns(Columns),
    partitionColumns: columns(input.PartitionKeys ?? []),
    parameters: Object.fromEntries(Object.entries(projectionForTrino(input.Parameters ?? {}))
      .map(([name, value]) => [name, name === 'storage.location.template' ? localUri(value) : value])),
    serdeParameters: SerdeInfo?.Parameters ?? {},
    columnStatistics: {},
    ...isView
      ? { viewOriginalText: input.ViewOriginalText, viewExpandedText: input.ViewExpandedText }
      : { storageFormat: storageFormat(SerdeInfo?.SerializationLibrary), externalLocation: localUri(Location ?? '').replace(/\/$/, '') },
  };
  mkdirSync(join(folder, database, input.Name), { recursive: true });
  writeFileSync(join(folder, database, input.Name, '.trinoSchema'), JSON.stringify(definition, undefined, 1));
}

/** Defines a database, without which its tables are not found. */
export function defineDatabase({ folder, database }: Metastore): void {
  writeFileSync(join(folder, `.${database}.trinoSchema`), JSON.stringify({ writerVersion: '476', parameters: {} }));
}

function columns(given: readonly GlueColumn[]): object[] {
  return given.map(({ Name, Type }) => ({ name: Name.toLowerCase(), type: Type, properties: {} }));
}

function storageFormat(serializationLibrary = ''): string {
  const format = STORAGE_FORMATS[serializationLibrary];
  if (format === undefined) throw new RangeError(`these tests know no format of Trino for the SerDe ${JSON.stringify(serializationLibrary)}`);
  return format;
}
