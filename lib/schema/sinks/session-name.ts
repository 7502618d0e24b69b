import { Limits } from '../limits';
import type { Problem } from '../problem';
import { checkText } from './check-text';

/**
 * Names of role sessions, which end the caller's ARN on the bill and in the logs.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export class SessionNameSink {
  /** What is wrong with the name; nothing when it is accepted. */
  public static validate(name: string): Problem[] {
    return checkText('sessionName', name, Limits.SESSION_NAME);
  }
}
