import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApplicationInferenceProfile, ModelSource } from '../../lib/inference-profiles';

const modelSource = ModelSource.foundationModel('amazon.nova-lite-v1:0');

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
}

describe('an imported profile', () => {
  const inferenceProfileArn = 'arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/abc123def456';

  test('passes its ARN through and lies in the account and Region of it', () => {
    const imported = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(makeStack(), 'Import', { inferenceProfileArn, modelSource });
    expect(imported.inferenceProfileArn).toBe(inferenceProfileArn);
    expect(imported.inferenceProfileId).toBe('abc123def456');
    expect(imported.applicationInferenceProfileRef).toEqual({ inferenceProfileIdentifier: 'abc123def456' });
    expect(imported.env).toEqual({ account: '444455556666', region: 'us-east-1' });
  });

  test('may have an ARN that is not known at synthesis', () => {
    const stack = makeStack();
    const arn = new CfnParameter(stack, 'Arn').valueAsString;
    const imported = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Import', { inferenceProfileArn: arn, modelSource });
    expect(imported.inferenceProfileArn).toBe(arn);
    expect(Token.isUnresolved(imported.inferenceProfileId)).toBe(true);
  });

  test.each([
    'arn:aws:bedrock:us-east-1:444455556666:inference-profile/eu.amazon.nova-lite-v1:0',
    'arn:aws:bedrock:us-east-1::application-inference-profile/abc',
    'abc123def456',
    '',
  ])('fails with the ARN %j', arn => {
    expect(() => ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(makeStack(), 'Import', { inferenceProfileArn: arn, modelSource }))
      .toThrow(/the imported application inference profile has 1 problem:\n {2}- inferenceProfileArn is ".*": use the ARN of an application inference profile/);
  });

  test('fails with a source that is none', () => {
    const attrs = { inferenceProfileArn, modelSource: ModelSource.systemProfile('amazon.nova') };
    expect(() => ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(makeStack(), 'Import', attrs)).toThrow(/names no geography/);
  });

  test('adds nothing to the stack', () => {
    const stack = makeStack();
    ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Import', { inferenceProfileArn, modelSource });
    expect(Template.fromStack(stack).toJSON()).not.toHaveProperty('Resources');
  });
});
