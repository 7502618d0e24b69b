/**
 * Actions that call a model; Converse and ConverseStream are authorized by the same two.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
 */
export const INVOKE_ACTIONS = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

/** Action that resolves a profile, which calling a profile needs as well. */
export const GET_ACTION = 'bedrock:GetInferenceProfile';

/**
 * Action that calls a model on the mantle endpoint.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
 */
export const MANTLE_CALL_ACTION = 'bedrock-mantle:CreateInference';

/**
 * Actions that call a model on the mantle endpoint, follow the call and find out which models there are.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
 */
export const MANTLE_INVOKE_ACTIONS = [
  'bedrock-mantle:CancelInference',
  MANTLE_CALL_ACTION,
  'bedrock-mantle:GetInference',
  'bedrock-mantle:GetModel',
  'bedrock-mantle:GetProject',
  'bedrock-mantle:ListModels',
];
