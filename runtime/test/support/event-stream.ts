import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { MessageHeaders } from '@smithy/types';

const codec = new EventStreamCodec(bytes => Buffer.from(bytes as Uint8Array).toString(), text => Buffer.from(text));

/**
 * A frame of an event stream: prelude, headers, payload and both checksums.
 *
 * @see https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */
export function eventFrame(type: string, payload: object): Uint8Array {
  return frame({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, payload);
}

/** A frame with which a stream fails in the middle. */
export function exceptionFrame(code: string, message: string): Uint8Array {
  // on the wire the name of the member has a small letter: throttlingException
  const type = `${code.charAt(0).toLowerCase()}${code.slice(1)}`;
  return frame({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, { message });
}

function frame(headers: Readonly<Record<string, string>>, payload: object): Uint8Array {
  const typed: MessageHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }]));
  return codec.encode({ headers: typed, body: Buffer.from(JSON.stringify(payload)) });
}

/** An event of server-sent events. */
export function serverSentEvent(data: object | string, event?: string): Uint8Array {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
}
