import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer';
import type { Order } from './orders';
import type { RecordedRequest } from './recorded-request';

export type AnyResponse = ServerResponse | Http2ServerResponse;

export type Outcome = NonNullable<RecordedRequest['outcome']>;

/** Sends an answer at the pace and to the point that was ordered; tells how that ended. */
export async function sendAnswer(response: AnyResponse, answer: Answer, order: Order): Promise<Outcome> {
  const client = { gone: false };
  const closed = new Promise<void>(resolve => response.once('close', () => {
    client.gone = true;
    resolve();
  }));
  head(response, answer.status, { ...answer.headers, ...order.headers });
  if (answer.events === undefined) {
    (response as ServerResponse).end(answer.body);
    return 'answered';
  }
  const events = order.exceptionEvent === undefined ? answer.events : [
    ...answer.events.slice(0, order.exceptionEvent.afterEvents),
    answer.failure!(order.exceptionEvent.code, order.exceptionEvent.message),
  ];
  for (const [index, event] of events.entries()) {
    if (order.abortAfterEvents === index) return breakOff(response);
    // nobody may wait for events of a client that has left
    if (order.slowEvents !== undefined) await Promise.race([pause(order.slowEvents, index), closed]);
    if (client.gone) return 'client-gone';
    await Promise.race([write(response, event), closed]);
  }
  if (order.abortAfterEvents !== undefined) return breakOff(response);
  if (client.gone) return 'client-gone';
  response.end();
  return 'answered';
}

/** Breaks the connection without an answer, as a service that is gone does. */
export function resetConnection(response: AnyResponse): void {
  if ('stream' in response) response.stream.session?.destroy();
  else response.socket?.resetAndDestroy();
}

function head(response: AnyResponse, status: number, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.statusCode = status;
}

function breakOff(response: AnyResponse): 'aborted' {
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.socket?.destroy();
  return 'aborted';
}

async function pause(slow: NonNullable<Order['slowEvents']>, index: number): Promise<unknown> {
  return typeof slow === 'number' ? sleep(slow) : slow(index);
}

/** Waits until an event has left this process, so that what follows cannot overtake it. */
async function write(response: AnyResponse, event: Uint8Array): Promise<void> {
  await new Promise<void>(resolve => void (response as ServerResponse).write(event, () => {
    resolve();
  }));
}
