/**
 * Actions that call a model; Converse and ConverseStream are authorized by the same two.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
 */
export const INVOKE_ACTIONS = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

/** Action that resolves a profile, which calling a profile needs as well. */
export const GET_ACTION = 'bedrock:GetInferenceProfile';
