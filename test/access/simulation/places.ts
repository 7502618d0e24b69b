/** Names of what the simulated accounts hold. The stacks of the world make these, and the request contexts call them. */

/** The workload account that nearly everything happens in. */
export const ACCOUNT = '777788889999';

/** The account of a gateway that serves several workload accounts. */
export const GATEWAY_ACCOUNT = '123456789012';

/** An account of somebody else. */
export const STRANGE_ACCOUNT = '444455556666';

export const REGION = 'eu-west-1';

/** Where the European profile runs its model. */
export const GEO_REGIONS = ['eu-west-1', 'eu-central-1', 'eu-north-1'];

/** The Regions that the organization has opened: one fewer than the European profile uses. */
export const OPEN_REGIONS = ['eu-west-1', 'eu-central-1'];

/** A Region in which models may run through a profile only. */
export const CLOSED_REGION = 'eu-north-1';

export const MODEL = 'amazon.nova-lite-v1:0';
export const GEO_PROFILE = `eu.${MODEL}`;
export const GLOBAL_PROFILE = `global.${MODEL}`;

/** Who signs people in with tokens. */
export const OIDC_ISSUER = 'example.okta.com';

/** Tags as they are written on resources, principals and sessions. */
export type Tags = Readonly<Record<string, string>>;

/** Whom the simulated service is billed to. */
export const OWN: Tags = { team: 'payments', service: 'checkout', env: 'prod' };

/** Somebody else, who differs in one key only: each key has to be compared by itself. */
export const OTHERS = {
  team: { ...OWN, team: 'risk' },
  service: { ...OWN, service: 'refunds' },
  stage: { ...OWN, env: 'dev' },
} satisfies Record<string, Tags>;

/** Something of the `bedrock` prefix. */
export const bedrock = (resource: string, region = REGION): string => `arn:aws:bedrock:${region}:${ACCOUNT}:${resource}`;

/** Something of the `bedrock-mantle` prefix. */
export const mantle = (resource: string, region = REGION): string => `arn:aws:bedrock-mantle:${region}:${ACCOUNT}:${resource}`;

/** Something of IAM. */
export const iam = (resource: string, account = ACCOUNT): string => `arn:aws:iam::${account}:${resource}`;

/** The model in a Region; with an empty one, as global profiles are authorized. */
export const model = (region = REGION): string => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`;

/** An application inference profile by its id. */
export const profile = (id: string): string => bedrock(`application-inference-profile/${id}`);
