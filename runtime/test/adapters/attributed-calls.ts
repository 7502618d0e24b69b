import { attribution, AttributionError, type AttributionOptions, defineAttributionSchema } from '../../src';
import { inferenceProfiles } from '../../src/profiles';
import type { RecordedRequest } from '../support/aws-endpoint';

export const REGION = 'us-east-1';

/** What every model of the endpoint says. */
export const SAID = 'Attribution is known.';

/** A value that no carrier of request metadata takes. */
export const ILLEGAL = 'a*b';

export const PROFILE_ARN = `arn:aws:bedrock:${REGION}:111122223333:application-inference-profile/abc123def456`;

const SCHEMA = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true },
    { name: 'feature', description: 'Feature of the service that makes the call.' },
    { name: 'step', description: 'Step of the feature.' },
  ],
});

/** Calls of the team payments. */
export function payments(options: AttributionOptions<never> = {}) {
  return attribution(SCHEMA, { team: 'payments' }, { onWarning: () => undefined, ...options });
}

/** The policies by which a call with an illegal value is made, and what it carries then. */
export const MADE_ALL_THE_SAME = [
  ['drop-and-warn', { team: 'payments' }],
  ['sanitise-and-warn', { team: 'payments', feature: 'a_b' }],
] as const;

/** Makes a call with an illegal value; gives what was warned of. */
export async function warnedOf(onInvalid: AttributionOptions['onInvalid'], ask: (calls: ReturnType<typeof payments>) => Promise<unknown>): Promise<string[]> {
  const paths: string[] = [];
  const calls = payments({ onInvalid, onWarning: ({ path }) => { paths.push(path); } });
  await calls.withAttribution({ feature: ILLEGAL }, () => ask(calls));
  return paths;
}

/** Calls of the team payments, which has a profile for a model, and none for any other. */
export function paymentsWithProfile(sourceId: string) {
  return payments({ profiles: inferenceProfiles([{ inferenceProfileArn: PROFILE_ARN, sourceId }]) });
}

/** The features that requests carry, in the order of the alphabet. */
export function featuresOf(requests: readonly RecordedRequest[]): (string | undefined)[] {
  return requests.map(({ requestMetadata }) => requestMetadata?.feature).sort();
}

/** What a call is refused with: the error itself, or what an error of another package names as its cause. */
export async function refusalOf(call: Promise<unknown>): Promise<AttributionError> {
  try {
    await call;
  } catch (error) {
    const { cause } = error as Error;
    if (AttributionError.is(error)) return error;
    if (AttributionError.is(cause)) return cause;
    throw error;
  }
  throw new Error('the call was made');
}
