import { Limits } from '../limits';
import type { Problem } from '../problem';
import { checkText } from './check-text';

/**
 * Names of application inference profiles.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-applicationinferenceprofile.html
 */
export class ProfileNameSink {
  /** What is wrong with the name; nothing when it is accepted. */
  public static validate(name: string): Problem[] {
    return checkText('profileName', name, Limits.PROFILE_NAME);
  }
}
