import { Limits } from '../limits';
import type { TextLimit } from '../limits';
import type { Problem } from '../problem';
import { checkText } from './check-text';

/**
 * Names of Bedrock projects.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html
 */
export class ProjectNameSink {
  /**
   * What is wrong with the name; nothing when it is accepted.
   *
   * @param name name of the project
   * @param limit the limit to hold it to; without one `Limits.PROJECT_NAME`, which is lenient because AWS documents none
   */
  public static validate(name: string, limit?: TextLimit): Problem[] {
    return checkText('projectName', name, limit ?? Limits.PROJECT_NAME);
  }
}
