import type { Problem } from '../../lib/schema';

/** What to call a model by. */
export interface RoutedModel {
  /** ARN of the application inference profile, or what was given where there is none to take its place. */
  readonly modelId: string;
  /** Why the call would be made without an application inference profile, where it would. */
  readonly problem?: Problem;
}

/** The application inference profiles of a service. */
export interface InferenceProfiles {
  /**
   * The profile by which the service calls a model.
   *
   * @param modelId what the caller gave, an id or an ARN: a model, a system-defined profile, an application inference profile, or any
   *   other resource
   * @param region Region of the call, where it is known
   */
  route(modelId: string, region?: string): RoutedModel;
}

/** What happens to a call of a model for which the service has no application inference profile. */
export type BareModelPolicy =
  /** The call is not made, since the policies of this library would deny it: the error says which profiles there are. */
  | 'refuse'
  /** The call is made, and a warning is given. */
  | 'warn'
  /** The call is made. */
  | 'allow';
