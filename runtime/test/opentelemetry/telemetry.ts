import { AsyncLocalStorage } from 'node:async_hooks';
import { type Attributes, type Context, context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Carries the active span through asynchronous code, as an application's own does. */
class AsyncContextManager implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Context>();

  public active(): Context {
    return this.storage.getStore() ?? ROOT_CONTEXT;
  }

  public with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context, fn: F, thisArg?: ThisParameterType<F>, ...args: A
  ): ReturnType<F> {
    return this.storage.run(active, () => fn.apply(thisArg, args));
  }

  public bind<T>(_: Context, target: T): T {
    return target;
  }

  public enable(): this {
    return this;
  }

  public disable(): this {
    return this;
  }
}

/** Real providers of spans and metrics, whose exporters keep everything. */
export class Telemetry {
  public readonly spanExporter = new InMemorySpanExporter();
  public readonly tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.spanExporter)] });
  public readonly meterProvider: MeterProvider;
  private readonly metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);

  public constructor() {
    const reader = new PeriodicExportingMetricReader({ exporter: this.metricExporter, exportIntervalMillis: 3_600_000 });
    this.meterProvider = new MeterProvider({ readers: [reader] });
    context.setGlobalContextManager(new AsyncContextManager());
  }

  public get tracer(): ReturnType<BasicTracerProvider['getTracer']> {
    return this.tracerProvider.getTracer('test');
  }

  public get meter(): ReturnType<MeterProvider['getMeter']> {
    return this.meterProvider.getMeter('test');
  }

  /** Spans that have ended. */
  public get spans(): ReadableSpan[] {
    return this.spanExporter.getFinishedSpans();
  }

  /** All metrics by name. */
  public async metrics(): Promise<Map<string, MetricData>> {
    this.metricExporter.reset();
    await this.meterProvider.forceFlush();
    const metrics = this.metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(scope => scope.metrics));
    return new Map(metrics.map(metric => [metric.descriptor.name, metric]));
  }

  /** The sums of a metric, by the attributes. */
  public async sums(name: string): Promise<{ readonly attributes: Attributes; readonly sum: number; readonly count?: number }[]> {
    const points = ((await this.metrics()).get(name)?.dataPoints ?? []) as DataPoint<number | Histogram>[];
    return points.map(({ attributes, value }) => typeof value === 'number' ? { attributes, sum: value } : { attributes, sum: value.sum!, count: value.count });
  }

  public async shutdown(): Promise<void> {
    context.disable();
    await this.tracerProvider.shutdown();
    await this.meterProvider.shutdown();
  }
}
