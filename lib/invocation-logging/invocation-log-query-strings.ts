import { Cardinality, Carrier, type AttributionColumn, type AttributionSchema } from '../schema';

/** One query of CloudWatch Logs Insights. */
export interface InsightsQuery {
  /** What it answers, which is its name within the folder. */
  readonly what: string;
  /** The query itself. */
  readonly text: string;
}

/** What a call shows that lacks what is asked for. */
const NOT_GIVEN = '"(not given)"';

/**
 * The start of every query. Records are parsed from the message instead of relying on discovered fields: discovery stops at 200 fields,
 * which a record with bodies may exceed, and does not exist for log groups of the Infrequent Access class. Logs Insights charges by the
 * bytes scanned, so that parsing costs time and no money. What is no record, such as the line that Bedrock writes to try out its
 * permissions, has no schema type.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html#CWL_QuerySyntax-structure-types
 */
const RECORDS = ['fields jsonParse(@message) as record', 'filter record.schemaType = "ModelInvocationLog"'];

/** Groupings that every log has. */
const MODEL = { name: 'model', expression: firstOf(['record.modelId', NOT_GIVEN]) };
const CALLER = { name: 'caller', expression: firstOf(['record.identity.arn', NOT_GIVEN]) };
const OPERATION = { name: 'operation', expression: firstOf(['record.operation', NOT_GIVEN]) };

/** Newer records carry cache counts beside the input count, older ones only inside the body, and a body may carry both spellings. */
const TOKENS = [
  { name: 'input_tokens', paths: ['input.inputTokenCount'] },
  { name: 'output_tokens', paths: ['output.outputTokenCount'] },
  { name: 'cache_read_tokens', paths: ['input.cacheReadInputTokenCount', ...inBody('cacheReadInputTokens', 'cacheReadInputTokenCount', 'cache_read_input_tokens')] },
  { name: 'cache_write_tokens', paths: ['input.cacheWriteInputTokenCount', ...inBody('cacheWriteInputTokens', 'cacheWriteInputTokenCount', 'cache_creation_input_tokens')] },
];

/** Something that calls are counted by. */
interface Grouping {
  readonly name: string;
  readonly expression: string;
}

/** Calls and tokens by each key that rides on request metadata, in the order of the schema; those of unbounded keys end after some rows. */
export function keyQueries(schema: AttributionSchema, rowLimit: number): Map<string, InsightsQuery> {
  return new Map(schema.columns().filter(({ metadataKeys }) => metadataKeys.length > 0).map(column => {
    const key = schema.key(column.name);
    const isBounded = key?.cardinality === Cardinality.LOW && !key.personal;
    const grouping = { name: `declared_${column.name}`, expression: firstOf([...declared(column), NOT_GIVEN]) };
    return [column.name, { what: `by-${column.name}`, text: tokensBy(grouping, isBounded ? undefined : rowLimit) }];
  }));
}

/** Calls and tokens by model. */
export function modelQuery(): InsightsQuery {
  return { what: 'by-model', text: tokensBy(MODEL) };
}

/** Calls and tokens by caller: sessions have names of their own, so that there may be any number. */
export function callerQuery(rowLimit: number): InsightsQuery {
  return { what: 'by-caller', text: tokensBy(CALLER, rowLimit) };
}

/** Calls and tokens by operation. */
export function operationQuery(): InsightsQuery {
  return { what: 'by-operation', text: tokensBy(OPERATION) };
}

/** Failed calls by error, model and caller. */
export function errorsQuery(rowLimit: number): InsightsQuery {
  return { what: 'errors', text: pipe(
    ...RECORDS,
    'filter isempty(record.errorCode) = 0',
    `fields ${lines([{ name: 'error_code', expression: 'record.errorCode' }, MODEL, CALLER].map(renderField))}`,
    'stats count(*) as failed_calls by error_code, model, caller',
    'sort failed_calls desc',
    `limit ${rowLimit}`,
  ) };
}

/** Calls that lack a key which the schema requires in request metadata, by caller and model; none when it requires no key there. */
export function missingKeysQuery(schema: AttributionSchema, rowLimit: number, day?: string): InsightsQuery | undefined {
  const required = schema.tagKeys(Carrier.REQUEST_METADATA).filter(name => schema.key(name)?.isRequiredOn(day));
  const columns = schema.columns().filter(({ name }) => required.includes(name));
  if (columns.length === 0) return undefined;
  const lacks = columns.map(column => ({ name: `no_${column.name}`, expression: `isempty(${firstOf(declared(column))})` }));
  return { what: 'missing-required-keys', text: pipe(
    ...RECORDS,
    `fields ${lines([MODEL, CALLER, ...lacks].map(renderField))}`,
    `filter ${columns.map(({ name }) => `no_${name} = 1`).join(' or ')}`,
    `stats ${lines(['count(*) as calls', ...columns.map(({ name }) => `sum(no_${name}) as without_${name}`)])} by caller, model`,
    'sort calls desc',
    `limit ${rowLimit}`,
  ) };
}

/** A failed call counts as a call and as a failed one, and its tokens, if it has any, are not billed. */
function tokensBy(grouping: Grouping, rowLimit?: number): string {
  return pipe(
    ...RECORDS,
    `fields ${lines([renderField(grouping), 'isempty(record.errorCode) as answered', '1 - isempty(record.errorCode) as failed'])}`,
    `fields ${lines(TOKENS.map(({ name, paths }) => `${firstOf([...paths.map(path => `record.${path}`), '0'])} * answered as counted_${name}`))}`,
    `stats ${lines(['count(*) as calls', 'sum(failed) as failed_calls', ...TOKENS.map(({ name }) => `sum(counted_${name}) as ${name}`)])} by ${grouping.name}`,
    'sort calls desc',
    ...rowLimit === undefined ? [] : [`limit ${rowLimit}`],
  );
}

/** What a call says about a key: under its own name, or under one that it replaced. */
function declared({ metadataKeys }: AttributionColumn): string[] {
  return metadataKeys.map(name => `record.requestMetadata.${quoteField(name)}`);
}

function inBody(...names: string[]): string[] {
  return names.map(name => `output.outputBodyJson.usage.${quoteField(name)}`);
}

/**
 * A field name that may have more than letters and digits.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Guidelines.html
 */
function quoteField(name: string): string {
  return `\`${name}\``;
}

function firstOf(expressions: string[]): string {
  return expressions.length === 1 ? expressions[0] : `coalesce(${expressions.join(', ')})`;
}

function renderField({ name, expression }: Grouping): string {
  return `${expression} as ${name}`;
}

/** One item a line, for whoever reads the query in the console. */
function lines(items: string[]): string {
  return items.join(',\n    ');
}

function pipe(...commands: string[]): string {
  return commands.join('\n| ');
}
