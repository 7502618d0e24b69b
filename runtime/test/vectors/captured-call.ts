import {
  BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import type { HttpRequest } from '@smithy/types';

export const MODEL = 'eu.amazon.nova-pro-v1:0';
export const HEADER = 'x-amzn-bedrock-request-metadata';

const MESSAGES = [{ role: 'user' as const, content: [{ text: 'Hello' }] }];
const BODY = { modelId: MODEL, body: '{}', contentType: 'application/json' };

type MetadataMap = Record<string, string>;

/** The commands that carry request metadata, by how they do. */
export const COMMANDS = {
  map: [
    (requestMetadata?: MetadataMap) => new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata }),
    (requestMetadata?: MetadataMap) => new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata }),
  ],
  header: [
    (requestMetadata?: string) => new InvokeModelCommand({ ...BODY, requestMetadata }),
    (requestMetadata?: string) => new InvokeModelWithResponseStreamCommand({ ...BODY, requestMetadata }),
  ],
};

export type SendableCommand = ReturnType<(typeof COMMANDS)['map' | 'header'][number]>;

class Captured extends Error {}

/** A client of the AWS SDK that signs its requests and then keeps them, instead of sending them. */
export class CapturingClient {
  public readonly requests: HttpRequest[] = [];

  public readonly sdk: BedrockRuntimeClient;

  public constructor(region = 'eu-west-1') {
    this.sdk = new BedrockRuntimeClient({
      region,
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
      maxAttempts: 1,
      requestHandler: {
        handle: (request: HttpRequest) => {
          this.requests.push(request);
          return Promise.reject(new Captured());
        },
      },
    });
  }

  /** The request as it would go over the wire; what keeps it from being made is thrown. */
  public async send(command: SendableCommand): Promise<HttpRequest> {
    // the overloads of the method take one command each
    await this.sdk.send(command as Parameters<BedrockRuntimeClient['send']>[0]).catch((error: unknown) => {
      if (!(error instanceof Captured)) throw error;
    });
    return this.requests.at(-1)!;
  }
}

/** The map in the body of a request. */
export function mapOf({ body }: HttpRequest): MetadataMap | undefined {
  return (JSON.parse(new TextDecoder().decode(body as Uint8Array)) as { requestMetadata?: MetadataMap }).requestMetadata;
}
