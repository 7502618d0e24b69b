import { Limits } from '../limits';
import type { Problem } from '../problem';
import { checkText } from './check-text';

/**
 * Names of Bedrock projects.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cloudformation-projects.html
 */
export class ProjectNameSink {
  /** What is wrong with the name; nothing when it is accepted. */
  public static validate(name: string): Problem[] {
    return checkText('projectName', name, Limits.PROJECT_NAME);
  }
}
