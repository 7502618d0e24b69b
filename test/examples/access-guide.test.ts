import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { access, inferenceProfiles, schema } from '../../lib';
import { ACCOUNT, bedrock, GEO_PROFILE, REGION } from '../access/simulation/places';
import type { PolicyDocument } from '../access/simulation/principals';
import type { Scenario } from '../access/simulation/scenario';
import { ALLOW_ALL, isAllowed } from '../access/simulation/simulate';
import { act, callGeoProfile, callModel, callProfile, callSystemProfile, changeTags, create, namingWrapped } from './calls';
import { Example, withAdministratorAccess } from './example';

const { AttributionGuardrails, AttributionRequirement, InvocationTarget } = access;
const { ModelSource } = inferenceProfiles;

const keys = schema.AttributionSchema.starter({ teams: ['payments', 'discovery'], envs: ['dev', 'prod'] });
const REFUNDS = { team: 'payments', service: 'refunds', env: 'prod' };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`;

/** Services of a team that share a profile, and roles that call a wrapped profile. */
class GuideStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const profile = (name: string, modelSource: inferenceProfiles.ModelSource, service: string): access.InvocationTarget => {
      const props = { schema: keys, attribution: { ...REFUNDS, service }, modelSource };
      return InvocationTarget.profile(new inferenceProfiles.ApplicationInferenceProfile(this, name, props));
    };
    const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
    const role = (name: string, targets: access.InvocationTarget[], comparedKeys?: string[]): void => {
      const boundary = new access.AttributionBoundary(this, `${name}Boundary`, { schema: keys, comparedKeys });
      new access.BedrockServiceRole(this, name, {
        schema: keys, attribution: REFUNDS, assumedBy, targets, permissionsBoundary: boundary.policy,
      });
    };
    profile('SharedProfile', ModelSource.foundationModel('amazon.nova-lite-v1:0'), 'shared');
    role('SharingRole', [InvocationTarget.matchingTags('team', 'env')], ['team', 'env']);
    role('BoundaryComparesAll', [InvocationTarget.matchingTags('team', 'env')]);
    role('TargetComparesAll', [InvocationTarget.matchingTags()], ['team', 'env']);

    const geo = profile('GeoProfile', ModelSource.systemProfile(GEO_PROFILE), 'refunds');
    role('NamedOnly', [geo]);
    role('WrappedToo', [geo, InvocationTarget.systemProfile(GEO_PROFILE)]);
  }
}

const example = new Example(GuideStack);
const shared = callProfile(example.callable('SharedProfile'));
const geo = callGeoProfile(example.callable('GeoProfile'));

/** Somebody with all permissions, under service control policies. */
function administrator(options: Partial<access.AttributionGuardrailsOptions>, role = 'admin', tags: Record<string, string> = REFUNDS): Scenario {
  const guardrails = AttributionGuardrails.documents({ schema: keys, ...options })
    .map((document, index) => ({ name: `guardrails ${index}`, policy: JSON.parse(document) as PolicyDocument }));
  return {
    about: 'administrator', principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session`, tags, guardrails,
    identity: [{ name: 'AdministratorAccess', policy: ALLOW_ALL }],
  };
}

describe('tags that must agree', () => {
  test('services of a team share a profile where both the target and the boundary leave the service out', () => {
    expect(isAllowed(example.caller('SharingRole'), shared)).toBe(true);
  });

  test.each(['BoundaryComparesAll', 'TargetComparesAll'])('the default in one of them closes it: %s', role => {
    expect(isAllowed(example.caller(role), shared)).toBe(false);
  });
});

describe('a stage that can be proven', () => {
  const developer = { ...withAdministratorAccess(example.caller('SharingRole')), tags: { ...REFUNDS, env: 'dev' } };

  test('a caller of dev calls no profile of prod, makes none, and writes no tag', () => {
    expect(isAllowed(developer, shared)).toBe(false);
    expect(isAllowed(developer, create(REFUNDS))).toBe(false);
    expect(isAllowed(developer, changeTags('bedrock:TagResource', bedrock('application-inference-profile/own'), { env: 'prod' }))).toBe(false);
    expect(isAllowed(developer, changeTags('iam:TagRole', ROLE, { env: 'prod' }))).toBe(false);
  });

  test('the same caller makes what has its own stage', () => {
    expect(isAllowed(developer, create({ ...REFUNDS, env: 'dev' }))).toBe(true);
  });
});

describe('the profile behind a profile', () => {
  test.each([['NamedOnly', false], ['WrappedToo', true]])('%s, where AWS names the wrapped profile: %s', (role, allowed) => {
    expect(isAllowed(example.caller(role), geo)).toBe(true);
    expect(isAllowed(example.caller(role), namingWrapped(geo))).toBe(allowed);
    expect(isAllowed(example.caller(role), callSystemProfile)).toBe(allowed);
  });

  test('a required profile may be either of the two where both are listed', () => {
    const application = 'arn:*:bedrock:*:*:application-inference-profile/*';
    const listed = [application, `arn:*:bedrock:*:*:inference-profile/${GEO_PROFILE}`];
    const require = AttributionRequirement.BOTH;
    expect(isAllowed(administrator({ require }), namingWrapped(geo))).toBe(false);
    expect(isAllowed(administrator({ require, inferenceProfileArns: listed }), namingWrapped(geo))).toBe(true);
    expect(isAllowed(administrator({ require, inferenceProfileArns: listed }), geo)).toBe(true);
    expect(isAllowed(administrator({ require, inferenceProfileArns: listed }, 'admin', {}), callSystemProfile)).toBe(false);
  });
});

describe('provisioners', () => {
  const provisioners = ['arn:*:iam::*:role/cdk-hnb659fds-cfn-exec-role-*'];
  const execution = administrator({ provisioners }, `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${REGION}`, {});

  test('write tags for others, and not without the required ones', () => {
    expect(isAllowed(execution, create(REFUNDS))).toBe(true);
    expect(isAllowed(execution, create({ team: 'payments' }))).toBe(false);
    expect(isAllowed(execution, changeTags('iam:TagRole', ROLE, REFUNDS))).toBe(true);
  });

  test('are nobody else', () => {
    expect(isAllowed(administrator({ provisioners }), changeTags('iam:TagRole', ROLE, REFUNDS))).toBe(false);
  });
});

describe('an administrator under guardrails', () => {
  test('cannot call without tags, and cannot write them', () => {
    expect(isAllowed(administrator({}, 'admin', {}), callModel)).toBe(false);
    expect(isAllowed(administrator({}), changeTags('iam:TagUser', `arn:aws:iam::${ACCOUNT}:user/alice`, { team: 'discovery' }))).toBe(false);
  });

  test.each([
    ['iam:UpdateAssumeRolePolicy', ROLE],
    ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/alice`],
    ['iam:DetachRolePolicy', ROLE],
    ['iam:DeleteRolePermissionsBoundary', ROLE],
  ])('can still do %s', (action, resource) => {
    expect(isAllowed(administrator({}), act(action, resource))).toBe(true);
  });
});

test('guardrails that only protect tags refuse no call', () => {
  const onlyTags = {
    denyUntaggedCallers: false,
    denyUnlistedValues: false,
    denyForeignProfiles: false,
    denyUntaggedCreation: false,
    denyForeignCreation: false,
    denyLongTermApiKeys: false,
    denyImportedModels: false,
  };
  const untagged = administrator(onlyTags, 'admin', {});
  expect([callModel, callSystemProfile, shared, create({})].filter(call => !isAllowed(untagged, call))).toEqual([]);
  expect(isAllowed(untagged, changeTags('iam:TagRole', ROLE, { team: 'payments' }))).toBe(false);
  expect(isAllowed(untagged, changeTags('sts:TagSession', ROLE, { team: 'payments' }))).toBe(false);
});
