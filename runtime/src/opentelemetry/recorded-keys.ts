import type { Attributes } from '@opentelemetry/api';
import { Cardinality, type AttributionKey, type AttributionSchema, type Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import type { SchemaSource } from '../schema-source';
import { KEY_PREFIX } from './semantic-conventions';

/** Which attribution keys become attributes. */
export interface RecordedKeys {
  /**
   * Names of the keys whose values split the metrics. Each multiplies the number of time series: a key of high cardinality, or one that
   * identifies a person, is refused.
   *
   * @default - the required keys that are of low cardinality and not personal
   */
  readonly metric?: readonly string[];

  /**
   * Names of the keys whose values are on spans, as they were sent. A personal value is left out unless it is its keyed hash: a call site
   * may send it as it is, by a client without `attribution()`.
   *
   * @default 'all' - those of the schema
   */
  readonly span?: readonly string[] | 'all';
}

/** What is wrong with the names, by the schema as it is at start. */
export function recordedKeysProblems(schema: AttributionSchema, { metric = [], span = 'all' }: RecordedKeys): Problem[] {
  return [
    ...metric.flatMap(name => unknownKey(schema, 'attributes.metric', name) ?? unboundedKey(schema, name) ?? []),
    ...(span === 'all' ? [] : span).flatMap(name => unknownKey(schema, 'attributes.span', name) ?? []),
  ];
}

function unknownKey(schema: AttributionSchema, path: string, name: string): Problem | undefined {
  if (schema.key(name) !== undefined) return undefined;
  const allowed = `one of ${schema.activeKeys.map(key => key.name).join(', ')}`;
  return newProblem({ code: 'unknownKey', path, got: name, allowed, remedy: 'leave it out, or add it to the schema' });
}

function unboundedKey(schema: AttributionSchema, name: string): Problem | undefined {
  const key = schema.key(name);
  if (key === undefined || splitsMetrics(key)) return undefined;
  return newProblem({
    code: 'metricKey',
    path: 'attributes.metric',
    got: name,
    allowed: 'keys of low cardinality that are not personal',
    remedy: 'leave it to spans, or change the key in the schema',
  });
}

function splitsMetrics({ cardinality, personal }: AttributionKey): boolean {
  return cardinality === Cardinality.LOW && !personal;
}

/** The keys whose values are recorded, by one edition of the schema. */
interface Recorded {
  readonly schema: AttributionSchema;
  readonly metric: readonly AttributionKey[];
  readonly span: readonly AttributionKey[];
}

/** Makes attributes of what calls were stamped with. */
export class KeyAttributes {
  private known?: Recorded;

  public constructor(private readonly source: SchemaSource, private readonly keys: RecordedKeys) {}

  public ofSpan(metadata: Readonly<Record<string, string>>): Attributes {
    return attributesOf(metadata, this.now().span);
  }

  public ofMetric(metadata: Readonly<Record<string, string>>): Attributes {
    return attributesOf(metadata, this.now().metric);
  }

  /** By the schema as it is now: a key may have become personal since the start. */
  private now(): Recorded {
    const schema = this.source.current;
    if (this.known?.schema !== schema) {
      const { metric, span = 'all' } = this.keys;
      this.known = {
        schema,
        metric: schema.activeKeys.filter(key => splitsMetrics(key) && (metric?.includes(key.name) ?? key.required)),
        span: schema.keys.filter(({ name }) => span === 'all' || span.includes(name)),
      };
    }
    return this.known;
  }
}

/** HMAC-SHA-256 in hexadecimal digits. */
const KEYED_HASH = /^[0-9a-f]{64}$/;

function attributesOf(metadata: Readonly<Record<string, string>>, keys: readonly AttributionKey[]): Attributes {
  const there = keys.filter(({ name, personal }) => Object.hasOwn(metadata, name) && (!personal || KEYED_HASH.test(metadata[name])));
  return Object.fromEntries(there.map(({ name }) => [`${KEY_PREFIX}${name}`, metadata[name]]));
}
