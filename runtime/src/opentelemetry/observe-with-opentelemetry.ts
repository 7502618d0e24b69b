import { context, metrics, trace, type Meter, type Tracer } from '@opentelemetry/api';
import { AttributionError } from '../attribution-error';
import type { UsageObserver } from '../observer';
import { newObserver } from '../observer/observer-middleware';
import type { SchemaSource } from '../schema-source';
import { CallMetrics } from './call-metrics';
import { endSpan, startSpan } from './call-span';
import { KeyAttributes, type RecordedKeys, recordedKeysProblems } from './recorded-keys';

export type { RecordedKeys } from './recorded-keys';

const SCOPE = 'bedrock-cost-attribution-runtime';

/** What of calls becomes spans and metrics. */
export interface OpenTelemetryOptions {
  /** The attribution keys: they say which values are recorded, and which of them may split metrics. */
  readonly schema: SchemaSource;

  /**
   * Which attribution keys become attributes.
   *
   * @default - on spans all, on metrics the required keys that are of low cardinality and not personal
   */
  readonly attributes?: RecordedKeys;

  /**
   * Makes the spans.
   *
   * @default - that of the global provider, which may be registered later
   */
  readonly tracer?: Tracer;

  /**
   * Makes the metrics.
   *
   * @default - that of the global provider that is registered when the first call has ended
   */
  readonly meter?: Meter;

  /**
   * Milliseconds since any moment, by which the metrics are measured. Spans go by the clock of their tracer.
   *
   * @default performance.now
   */
  readonly clock?: () => number;
}

/**
 * Makes a span and metrics of each call of Converse, ConverseStream, InvokeModel and InvokeModelWithResponseStream, by the semantic
 * conventions for generative AI, with the attribution of the call.
 *
 * A span begins with the call, as a child of the active span, and is active while the call is made: what else is instrumented lies
 * within. It ends with the answer, of a stream when it has ended or its consumer has left it. Nothing of prompts and answers is recorded.
 *
 * @throws AttributionError `InvalidConfiguration` when `attributes` names keys that are unknown or must not split metrics
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/
 */
export function observeWithOpenTelemetry(options: OpenTelemetryOptions): UsageObserver {
  const { schema, attributes = {}, clock = () => performance.now() } = options;
  const problems = recordedKeysProblems(schema.current, attributes);
  if (problems.length > 0) throw new AttributionError('InvalidConfiguration', 'the OpenTelemetry observer', problems);
  const keys = new KeyAttributes(schema, attributes);
  const tracer = options.tracer ?? trace.getTracer(SCOPE);
  let callMetrics: CallMetrics | undefined;

  return newObserver({
    clock,
    begin: call => {
      const parent = context.active();
      const span = startSpan(tracer, parent, call, keys.ofSpan(call.metadata));
      return {
        within: run => context.with(trace.setSpan(parent, span), run),
        ended: usage => {
          endSpan(span, usage);
          callMetrics ??= new CallMetrics(options.meter ?? metrics.getMeter(SCOPE));
          callMetrics.record(usage, keys.ofMetric(usage.metadata));
        },
      };
    },
  });
}
