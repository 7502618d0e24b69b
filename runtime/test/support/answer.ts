import type { ServiceName } from './recorded-request';

/** What goes back to a client: a whole body, or the events of a stream. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Events of a stream as they go over the wire, instead of `body`. */
  readonly events?: readonly Uint8Array[];
  /** How this stream says that it fails in the middle. */
  readonly failure?: (code: string, message: string) => Uint8Array;
}

/** The service refuses a request. */
export class Refusal extends Error {
  public constructor(
    readonly code: string, message: string, readonly status?: number, readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export function jsonAnswer(body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

const STATUS_OF_CODE: Readonly<Record<string, number | undefined>> = {
  AccessDenied: 403,
  AccessDeniedException: 403,
  ExpiredToken: 403,
  ExpiredTokenException: 403,
  InternalServerException: 500,
  InvalidClientTokenId: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationToken: 403,
  MissingAuthenticationTokenException: 403,
  ModelNotReadyException: 429,
  ModelTimeoutException: 408,
  ResourceNotFoundException: 404,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  SignatureDoesNotMatch: 403,
  ThrottlingException: 429,
  UnrecognizedClientException: 403,
};

/** A refusal in the protocol of the service. */
export function refusalAnswer(service: ServiceName, path: string, { code, message, status, headers }: Refusal): Answer {
  switch (service) {
    case 'bedrock-runtime': return {
      status: status ?? STATUS_OF_CODE[code] ?? 400,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': `${code}:http://internal.amazon.com/coral/com.amazon.bedrock/`, ...headers },
      body: JSON.stringify({ message }),
    };
    case 'ssm': return {
      // JSON 1.1 has the code in its body: Systems Manager answers 400 to all that is wrong with a request
      status: status ?? (code === 'InternalServerError' ? 500 : 400),
      headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
      body: JSON.stringify({ __type: code, message }),
    };
    case 'sts': return {
      status: status ?? STATUS_OF_CODE[code] ?? 400,
      headers: { 'content-type': 'text/xml', ...headers },
      body: '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        + `<Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>refused</RequestId></ErrorResponse>`,
    };
    case 'bedrock-mantle': return {
      status: status ?? STATUS_OF_CODE[code] ?? 400,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(path.startsWith('/anthropic/')
        ? { type: 'error', error: { type: code, message } }
        : { error: { message, type: code, code, param: null } }),
    };
  }
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, character => `&#${character.charCodeAt(0)};`);
}
