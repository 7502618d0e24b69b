import { type Attributes, type Counter, type Histogram, type Meter, ValueType } from '@opentelemetry/api';
import type { CallUsage } from '../observer';
import { Buckets, operationName, OwnAttribute, promptTokens, PROVIDER } from './semantic-conventions';

/** The metrics of calls. Made of a meter once, and by the first call: a provider may be registered after the client is made. */
export class CallMetrics {
  private readonly duration: Histogram;
  private readonly timeToFirstChunk: Histogram;
  private readonly tokens: Histogram;
  private readonly input: Counter;
  private readonly output: Counter;
  private readonly cacheRead: Counter;
  private readonly cacheWrite: Counter;

  public constructor(meter: Meter) {
    const seconds = (name: string, description: string): Histogram =>
      meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: Buckets.SECONDS } });
    this.duration = seconds('gen_ai.client.operation.duration', 'GenAI operation duration.');
    this.timeToFirstChunk = seconds('gen_ai.client.operation.time_to_first_chunk', 'Time until the first chunk of a streamed response.');
    this.tokens = meter.createHistogram('gen_ai.client.token.usage', {
      unit: '{token}', description: 'Number of input and output tokens used.', valueType: ValueType.INT,
      advice: { explicitBucketBoundaries: Buckets.TOKENS },
    });
    const counter = (name: string, description: string): Counter =>
      meter.createCounter(`gen_ai.client.inference.usage.${name}`, { unit: '{token}', description, valueType: ValueType.INT });
    this.input = counter('input_tokens', 'Number of input tokens used, those of the prompt cache among them.');
    this.output = counter('output_tokens', 'Number of output tokens used.');
    this.cacheRead = counter('cache_read.input_tokens', 'Number of input tokens that were read from the prompt cache.');
    this.cacheWrite = counter('cache_write.input_tokens', 'Number of input tokens that were written to the prompt cache.');
  }

  /** @param keys attributes of attribution keys */
  public record(usage: CallUsage, keys: Attributes): void {
    const { operation, requestedModelId, outputTokens, cacheReadInputTokens, cacheWriteInputTokens, status, errorName } = usage;
    const attributes = {
      ...keys,
      'gen_ai.operation.name': operationName(operation, requestedModelId),
      'gen_ai.provider.name': PROVIDER,
      'gen_ai.request.model': requestedModelId,
      ...(usage.serverAddress === undefined ? {} : { 'server.address': usage.serverAddress, 'server.port': usage.serverPort }),
    };
    const error = errorName === undefined ? {} : { 'error.type': errorName };
    this.duration.record(usage.durationMs / 1000, { ...attributes, ...error, [OwnAttribute.STATUS]: status });
    if (usage.timeToFirstChunkMs !== undefined) this.timeToFirstChunk.record(usage.timeToFirstChunkMs / 1000, attributes);

    const inputTokens = promptTokens(usage);
    if (inputTokens !== undefined) this.tokens.record(inputTokens, { ...attributes, 'gen_ai.token.type': 'input' });
    if (outputTokens !== undefined) this.tokens.record(outputTokens, { ...attributes, 'gen_ai.token.type': 'output' });

    // the service does not count text and images apart
    const counted = { ...attributes, 'gen_ai.token.modality': 'unknown' };
    this.input.add(inputTokens ?? 0, counted);
    this.output.add(outputTokens ?? 0, counted);
    if (cacheReadInputTokens !== undefined) this.cacheRead.add(cacheReadInputTokens, counted);
    if (cacheWriteInputTokens !== undefined) this.cacheWrite.add(cacheWriteInputTokens, counted);
  }
}
