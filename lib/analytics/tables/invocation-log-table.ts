import { Fn } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import type { InvocationLogSource } from '../invocation-log-source';

/** Name of the table. */
const INVOCATION_LOGS = 'invocation_logs';

/** A field of the log record, in the spelling of the record. */
type Field = readonly [name: string, type: string] | readonly [name: string, fields: readonly Field[]];

/**
 * The fields of a record that cost needs. What people wrote is left out. What models answered is there where somebody asked for it to be
 * logged, as JSON text, for its shape differs from operation to operation: older records tell their cache counts, and all records a
 * guardrail's verdict, nowhere else. The time stamp is text, for its form (`T`, `Z`) is none that Hive reads as a timestamp.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
const FIELDS: readonly Field[] = [
  ['schemaType', 'string'],
  ['schemaVersion', 'string'],
  ['timestamp', 'string'],
  ['accountId', 'string'],
  ['region', 'string'],
  ['requestId', 'string'],
  ['operation', 'string'],
  ['modelId', 'string'],
  ['inferenceRegion', 'string'],
  ['errorCode', 'string'],
  ['identity', [['arn', 'string']]],
  ['requestMetadata', 'map<string,string>'],
  ['input', [
    ['inputContentType', 'string'],
    ['inputTokenCount', 'bigint'],
    ['cacheReadInputTokenCount', 'bigint'],
    ['cacheWriteInputTokenCount', 'bigint'],
  ]],
  ['output', [
    ['outputContentType', 'string'],
    ['outputTokenCount', 'bigint'],
    ['outputBodyJson', 'string'],
  ]],
];

function athenaType([, type]: Field): string {
  if (typeof type === 'string') return type;
  return `struct<${type.map(field => `${field[0].toLowerCase()}:${athenaType(field)}`).join(',')}>`;
}

function namesOf(fields: readonly Field[]): string[] {
  return fields.flatMap(([name, type]) => typeof type === 'string' ? [name] : [name, ...namesOf(type)]);
}

/**
 * How the SerDe reads a line. By default it would lower-case all JSON keys, and with them the keys of the request metadata; when it must
 * not, each field of the record has to be mapped to its lower-case column.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
 */
function renderSerdeParameters(preserveMetadataKeyCase: boolean): Record<string, string> {
  const parameters: Record<string, string> = { 'ignore.malformed.json': 'true' };
  parameters['case.insensitive'] = preserveMetadataKeyCase ? 'FALSE' : 'TRUE';
  if (preserveMetadataKeyCase) {
    for (const name of namesOf(FIELDS)) {
      if (name !== name.toLowerCase()) parameters[`mapping.${name.toLowerCase()}`] = name;
    }
  }
  return parameters;
}

/**
 * The raw invocation logs: one row per line, offloaded bodies and blank rows included, which have no request id.
 *
 * Partitions are computed, not registered. Their names differ from the columns of the record, which Athena demands.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export function renderInvocationLogTable(source: InvocationLogSource, preserveMetadataKeyCase: boolean): glue.CfnTable.TableInputProperty {
  return {
    name: INVOCATION_LOGS,
    description: 'Bedrock model invocation logs as delivered; read invocation_records for clean rows',
    tableType: 'EXTERNAL_TABLE',
    parameters: {
      'EXTERNAL': 'TRUE',
      'classification': 'json',
      'projection.enabled': 'true',
      'projection.log_account.type': 'enum',
      'projection.log_account.values': Fn.join(',', source.accounts),
      'projection.log_region.type': 'enum',
      'projection.log_region.values': Fn.join(',', source.regions),
      'projection.log_day.type': 'date',
      'projection.log_day.format': 'yyyy/MM/dd',
      'projection.log_day.range': `${Fn.join('/', Fn.split('-', source.firstDay))},NOW`,
      'projection.log_day.interval': '1',
      'projection.log_day.interval.unit': 'DAYS',
      'storage.location.template': source.locationTemplate,
    },
    partitionKeys: ['log_account', 'log_region', 'log_day'].map(name => ({ name, type: 'string' })),
    storageDescriptor: {
      columns: FIELDS.map(field => ({ name: field[0].toLowerCase(), type: athenaType(field) })),
      location: source.location,
      inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
      serdeInfo: {
        serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
        parameters: renderSerdeParameters(preserveMetadataKeyCase),
      },
    },
  };
}
