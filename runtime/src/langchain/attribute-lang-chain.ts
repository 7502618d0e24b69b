import type { MiddlewareStack } from '@smithy/types';
import { invalidClient } from '../adapters/invalid-client';
import type { Attribution } from '../attribution';

/** A model of `@langchain/aws` that has a client of the AWS SDK, such as `ChatBedrockConverse` and `BedrockEmbeddings`. */
export interface LangChainModel {
  /** The client by which it calls Bedrock. */
  readonly client: {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stack is of the inputs and outputs of one client, this fits all
    readonly middlewareStack: MiddlewareStack<any, any>;
  };
}

/**
 * Has a LangChain model stamp its calls: the plug-in goes on the AWS SDK client that the model has.
 *
 * Runnables that are made of the model, by `bindTools` or `withStructuredOutput` for example, call by the same client.
 *
 * @param model itself, and not what `bindTools`, `pipe` or the like has made of it
 * @param calls what stamps the calls
 * @returns the model, so that it can be used at once
 * @throws AttributionError `InvalidConfiguration` when the model has no client of the AWS SDK, or one that has an attribution already
 */
export function attributeLangChain<M extends LangChainModel>(model: M, calls: Pick<Attribution, 'applyToStack'>): M {
  // JavaScript may give anything
  const stack = (model as Partial<LangChainModel> | undefined)?.client?.middlewareStack;
  if (typeof stack?.use !== 'function') {
    throw invalidClient({
      subject: 'the LangChain model',
      path: 'model',
      given: model,
      code: 'noClient',
      allowed: 'a model with a client of the AWS SDK, such as ChatBedrockConverse or BedrockEmbeddings of @langchain/aws',
      remedy: 'give the model itself, before bindTools, pipe or the like is called on it',
    });
  }
  stack.use(calls);
  return model;
}
