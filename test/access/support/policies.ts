import { App, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { AttributedInvocationPolicy, type AttributionControls } from '../../../lib/access';
import { AttributionKey, AttributionSchema } from '../../../lib/schema';
import { isAllowedWithin, type Authorization, type Layers, type Statement } from '../../support/evaluate-policy';
import { CALLS, type CallName } from '../simulation/contexts';
import { ACCOUNT, iam as iamArn, OWN, REGION, type Tags } from '../simulation/places';

export { ACCOUNT, OWN, REGION, type CallName, type Tags };

/** Three required keys, one of them with a list of values, and two optional ones, one of them with a pattern and a spelling of its own. */
export const SCHEMA = new AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.TEAM,
    AttributionKey.SERVICE,
    AttributionKey.ENV.withAllowedValues(['dev', 'prod']),
    AttributionKey.FEATURE,
    AttributionKey.of('cost_center', {
      description: 'Cost center that is charged.', pattern: 'cc-[0-9]{4}', spellings: { resourceTag: 'CostCenter', principalTag: 'CostCenter' },
    }),
  ],
});

/** Whom everything of the tests is billed to. */
export const ATTRIBUTION = { ...OWN };

export const ALLOW_ALL: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

export type Control = Extract<keyof AttributionControls, `deny${string}`>;

/** Every control with no others on. */
const OFF: Record<Control, false> = {
  denyUntaggedCallers: false,
  denyUnlistedValues: false,
  denyForeignProfiles: false,
  denyUntaggedCreation: false,
  denyForeignCreation: false,
  denyResourceTagTampering: false,
  denyPrincipalTagTampering: false,
  denyUnapprovedSessionTags: false,
  denyLongTermApiKeys: false,
  denyCapacityPurchases: false,
  denyDefaultProjects: false,
  denyPromptRouters: false,
  denyCustomModels: false,
  denyImportedModels: false,
};

export const CONTROLS = Object.keys(OFF) as Control[];

/** These controls and no others. */
export function only(controls: Control[]): AttributionControls {
  return { ...OFF, ...Object.fromEntries(controls.map(control => [control, true])) };
}

/** A stack in the account that everything happens in. */
export function makeStack(context: Record<string, unknown> = {}): Stack {
  return new Stack(new App({ context }), 'Stack', { env: { account: ACCOUNT, region: REGION } });
}

/** The statements of each policy, as they are synthesized. */
export function documentsOf(policies: iam.ManagedPolicy[]): Statement[][] {
  return policies.map(policy => (Stack.of(policy).resolve(policy.document) as { Statement: Statement[] }).Statement);
}

/** What an attributed invocation policy without targets denies. */
export function denials(controls: AttributionControls, schema = SCHEMA): Statement[] {
  return documentsOf(new AttributedInvocationPolicy(makeStack(), 'Policy', { schema, ...controls }).policies).flat();
}

/** Who calls. */
export interface Caller {
  /** @default - the tags that everything of the tests has */
  readonly tags?: Tags;
  /** Name of the role. @default 'app' */
  readonly role?: string;
}

/** Whether a caller with these policies may do something; without policies of its own it may do everything that no other policy denies. */
export function decide(layers: Partial<Layers>, call: CallName | Authorization<string | string[]>[], { tags = OWN, role = 'app' }: Caller = {}): boolean {
  const principal = iamArn(`role/${role}`);
  const tagged = Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]));
  const authorizations = typeof call === 'string' ? CALLS[call].authorizations as Authorization<string | string[]>[] : call;
  return isAllowedWithin({ identity: [ALLOW_ALL], ...layers }, authorizations.map(({ context, ...authorization }) => (
    { ...authorization, principal, context: { 'aws:PrincipalArn': principal, ...tagged, ...context } }
  )));
}

/** Whether an administrator who is under these denials may do something. */
export function passes(denied: Statement[], call: CallName | Authorization<string | string[]>[], caller?: Caller): boolean {
  return decide({ identity: [ALLOW_ALL, ...denied] }, call, caller);
}
