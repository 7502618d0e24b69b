import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { BedrockRuntimeServiceException, type ConverseRequest } from '@aws-sdk/client-bedrock-runtime';
import { AttributionError } from '../../runtime/src';

/** What a tenant may say of a call: everything but whose it is. */
const FIELDS = ['messages', 'system', 'inferenceConfig', 'toolConfig', 'guardrailConfig', 'additionalModelRequestFields'];

/** Bytes that a body may have, all of which are held in memory. */
const MOST_BYTES = 20_000_000;

/** An answer other than that of a model. */
export class Refusal extends Error {
  public constructor(public readonly status: number, message: string) {
    super(message);
  }
}

/** A setting of the environment. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Refusal(500, `${name} is not set`);
  return value;
}

/** The body of a call. What it must not say is refused by name, so that nobody believes that it was heard. */
export async function inputOf(request: IncomingMessage): Promise<Pick<ConverseRequest, 'messages'>> {
  // NaN, of a request that does not say it, is no such number either
  if (!(Number(request.headers['content-length']) <= MOST_BYTES)) throw new Refusal(413, `the body has to have a content-length of ${MOST_BYTES} at most`);
  const body: unknown = await json(request).catch(() => undefined);
  if (typeof body !== 'object' || body === null) throw new Refusal(400, 'the body is not a JSON object');
  const unknown = Object.keys(body).filter(field => !FIELDS.includes(field));
  if (unknown.length > 0) throw new Refusal(400, `the body has ${unknown.join(', ')}: use ${FIELDS.join(', ')}`);
  return body;
}

/** Says what went wrong, or breaks off an answer that has begun: its reader must not take it for a whole one. */
export function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, message } = statusOf(error);
  if (!(error instanceof Refusal)) console.error(error);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}

function statusOf(error: unknown): { status: number; message: string } {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return { status: 400, message: 'the model is not written as part of a URL' };
  // the details of what follows are for those who run the gateway
  if (AttributionError.is(error) && error.code === 'BareModelRefused') return { status: 404, message: 'the model is not offered here' };
  if (error instanceof BedrockRuntimeServiceException) {
    return { status: error.$fault === 'client' ? error.$metadata.httpStatusCode ?? 400 : 502, message: error.message };
  }
  return { status: 502, message: 'the call could not be made' };
}
