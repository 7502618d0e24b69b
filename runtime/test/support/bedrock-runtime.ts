import { type Answer, jsonAnswer, Refusal } from './answer';
import { anthropicEvents, anthropicMessage } from './anthropic-messages';
import { eventFrame, exceptionFrame } from './event-stream';
import { allTokens, type ModelOutput, type ModelUsage } from './model-output';
import { chatCompletions, responses } from './openai';
import type { Fields, RecordedRequest } from './recorded-request';

/** Answers of bedrock-runtime. */
export function answerBedrock(request: RecordedRequest, output: ModelOutput): Answer {
  switch (request.operation) {
    case 'InvokeModel': return invokeModel(request, output);
    case 'InvokeModelWithResponseStream': return stream(invokeEvents(request, output).map(bytesFrame), request);
    case 'Converse': return jsonAnswer(converse(output));
    case 'ConverseStream': return stream(converseEvents(output).map(([type, payload]) => eventFrame(type, payload)), request);
    case 'CountTokens': return jsonAnswer({ inputTokens: output.usage.inputTokens });
    case 'StartAsyncInvoke': return jsonAnswer({ invocationArn: 'arn:aws:bedrock:us-east-1:111122223333:async-invoke/abcdefghijkl' });
    case 'ListAsyncInvokes': return jsonAnswer({ asyncInvokeSummaries: [] });
    case 'ApplyGuardrail': return jsonAnswer({ usage: {}, action: 'NONE', outputs: [], assessments: [] });
    case 'ChatCompletions': return withOwnProject(request, () => chatCompletions(request.json ?? {}, output));
    case 'Responses': return withOwnProject(request, () => responses(request.json ?? {}, output));
    default: throw new Refusal('UnknownOperationException', `${request.method} ${request.path} is not played by this endpoint`, 404);
  }
}

type Family = 'anthropic' | 'nova' | 'embedding' | 'titan';

/** Families by the name of the model, or by the body when an ARN does not say. */
function familyOf({ modelId = '', json = {} }: RecordedRequest): Family {
  if (modelId.includes('embed')) return 'embedding';
  if (modelId.includes('anthropic.') || 'anthropic_version' in json) return 'anthropic';
  if (modelId.includes('nova') || 'messages' in json) return 'nova';
  return 'titan';
}

/** @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html */
function invokeModel(request: RecordedRequest, output: ModelOutput): Answer {
  const { usage, texts } = output;
  const counted = { 'x-amzn-bedrock-invocation-latency': '42', 'x-amzn-bedrock-input-token-count': String(usage.inputTokens) };
  const generated = {
    ...counted,
    'x-amzn-bedrock-output-token-count': String(usage.outputTokens),
    'x-amzn-bedrock-cache-read-input-token-count': String(usage.cacheReadInputTokens),
    'x-amzn-bedrock-cache-write-input-token-count': String(usage.cacheWriteInputTokens),
  };
  switch (familyOf(request)) {
    case 'embedding': return jsonAnswer({ embedding: [0.25, -0.5, 0.125], inputTextTokenCount: usage.inputTokens }, counted);
    case 'anthropic': return jsonAnswer(anthropicMessage(String(request.modelId), output), generated);
    case 'nova': return jsonAnswer(converse(output), generated);
    case 'titan': return jsonAnswer({
      inputTextTokenCount: usage.inputTokens,
      results: [{ tokenCount: usage.outputTokens, outputText: texts.join(''), completionReason: 'FINISH' }],
    }, generated);
  }
}

function invokeEvents(request: RecordedRequest, output: ModelOutput): object[] {
  const events: object[] = familyOf(request) === 'anthropic'
    ? anthropicEvents(String(request.modelId), output)
    : converseEvents(output).map(([type, payload]) => ({ [type]: payload }));
  // the last chunk of whatever family has the counts of Bedrock itself
  return [...events.slice(0, -1), { ...events.at(-1), 'amazon-bedrock-invocationMetrics': invocationMetrics(output.usage) }];
}

function invocationMetrics(usage: ModelUsage): object {
  return {
    inputTokenCount: usage.inputTokens,
    outputTokenCount: usage.outputTokens,
    invocationLatency: 42,
    firstByteLatency: 21,
    cacheReadInputTokenCount: usage.cacheReadInputTokens,
    cacheWriteInputTokenCount: usage.cacheWriteInputTokens,
  };
}

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
function converse({ usage, texts }: ModelOutput): object {
  return {
    output: { message: { role: 'assistant', content: [{ text: texts.join('') }] } },
    stopReason: 'end_turn',
    usage: { ...usage, totalTokens: allTokens(usage) },
    metrics: { latencyMs: 42 },
  };
}

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
function converseEvents({ usage, texts }: ModelOutput): (readonly [type: string, payload: Fields])[] {
  return [
    ['messageStart', { role: 'assistant' }],
    ...texts.map(text => ['contentBlockDelta', { contentBlockIndex: 0, delta: { text } }] as const),
    ['contentBlockStop', { contentBlockIndex: 0 }],
    ['messageStop', { stopReason: 'end_turn' }],
    ['metadata', { usage: { ...usage, totalTokens: allTokens(usage) }, metrics: { latencyMs: 42 } }],
  ];
}

function bytesFrame(chunk: object): Uint8Array {
  return eventFrame('chunk', { bytes: Buffer.from(JSON.stringify(chunk)).toString('base64'), p: 'abcdefgh' });
}

function stream(events: readonly Uint8Array[], { operation }: RecordedRequest): Answer {
  const headers = { 'content-type': 'application/vnd.amazon.eventstream' };
  return {
    status: 200,
    headers: operation === 'ConverseStream' ? headers : { ...headers, 'x-amzn-bedrock-content-type': 'application/json' },
    events,
    failure: exceptionFrame,
  };
}

/**
 * The default project is the only one of bedrock-runtime.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html
 */
function withOwnProject({ headers }: RecordedRequest, answer: () => Answer): Answer {
  const project = headers['openai-project'] ?? 'default';
  if (project === 'default' || project.endsWith(':project/default')) return answer();
  throw new Refusal('ValidationException', `project ${project} is not supported on this endpoint`);
}
