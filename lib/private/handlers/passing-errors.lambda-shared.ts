/** Names under which services tell that they were asked too often. */
const THROTTLING = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'LimitExceededException', 'RequestLimitExceeded'];

const LOST_CONNECTION = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED', 'EAI_AGAIN'];

/** Whether an error passes by itself: throttling, a fault of the service, or a connection that was lost. */
export function passesByItself(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return THROTTLING.includes(error.name) || faultOf(error) === 'server' || isLostConnection(error);
}

/** Whether the service said no, as opposed to saying nothing or failing half-way. */
export function isRefusal(error: unknown): boolean {
  return faultOf(error) === 'client';
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isLostConnection(error: Error): boolean {
  return error.name === 'TimeoutError' || ('code' in error && LOST_CONNECTION.includes(String(error.code)));
}

function faultOf(error: unknown): unknown {
  return error instanceof Error && '$fault' in error ? error.$fault : undefined;
}
