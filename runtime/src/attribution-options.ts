import type { InvalidCallPolicy } from './call-metadata';
import { newGuard } from './guard';
import type { BareModelPolicy, InferenceProfiles } from './inference-profiles';
import type { PersonalHashKey } from './personal-values';
import { printedOnce, type WarningListener } from './warnings';

/**
 * How a client stamps its calls.
 */
export interface AttributionOptions<PerCall extends string = string> {
  /**
   * Names of required keys whose values come with each call. All the other required keys belong to the client.
   *
   * @default - none
   */
  readonly perCall?: readonly PerCall[];

  /**
   * What happens to a call whose own values are wrong.
   *
   * @default 'drop-and-warn'
   */
  readonly onInvalid?: InvalidCallPolicy;

  /**
   * What happens when a call site sends `requestMetadata` itself: its pairs are taken like any other values of the call, or the call
   * is refused.
   *
   * @default 'merge'
   */
  readonly callerMetadata?: 'merge' | 'refuse';

  /**
   * Secret of the keyed hash (HMAC-SHA-256) that is sent instead of personal values, 32 bytes or more.
   *
   * @default - personal values are not sent at all
   */
  readonly personalHashKey?: PersonalHashKey;

  /**
   * The application inference profiles of the service, by which models are called.
   *
   * @default - models are called as the call site says
   */
  readonly profiles?: InferenceProfiles;

  /**
   * What happens to a call of a model that has none of `profiles`. No meaning without `profiles`.
   *
   * @default 'refuse'
   */
  readonly bareModels?: BareModelPolicy;

  /**
   * Hears of everything that was wrong with a call that went on. What it throws breaks no call: the first failure is printed.
   *
   * @default - each kind of problem is printed once, as a warning of the process
   */
  readonly onWarning?: WarningListener;

  /**
   * Milliseconds since 1970, by which `requiredFrom` is judged.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}

type Defaulted = 'onInvalid' | 'callerMetadata' | 'bareModels' | 'onWarning' | 'clock';

/** Options with their defaults. */
export type ResolvedOptions = AttributionOptions & Required<Pick<AttributionOptions, Defaulted>>;

/** Fills in what was not given. */
export function resolveOptions(options: AttributionOptions): ResolvedOptions {
  const { onWarning = printedOnce() } = options;
  const guard = newGuard('the listener of warnings', 'onWarning');
  return {
    ...options,
    onInvalid: options.onInvalid ?? 'drop-and-warn',
    callerMetadata: options.callerMetadata ?? 'merge',
    bareModels: options.bareModels ?? 'refuse',
    onWarning: (...told) => {
      guard<unknown>(onWarning.bind(undefined, ...told));
    },
    clock: options.clock ?? Date.now,
  };
}
