import type { HandlerExecutionContext } from '@smithy/types';

/** The operations that carry request metadata: as a map in their body, or as a header where the body belongs to the model. */
export const CARRIED_AS = {
  Converse: 'map',
  ConverseStream: 'map',
  InvokeModel: 'header',
  InvokeModelWithResponseStream: 'header',
} as const;

/** Name of an operation that carries request metadata. */
export type CarryingOperation = keyof typeof CARRIED_AS;

/** Whether an operation carries request metadata. */
export function isCarrying(operation: string): operation is CarryingOperation {
  return Object.hasOwn(CARRIED_AS, operation);
}

/** Name of the operation of a command. */
export function operationOf({ commandName = '' }: HandlerExecutionContext): string {
  return commandName.replace(/Command$/, '');
}
