import { type Call, CALLS, type CallName } from '../contexts';
import { type Deployment, deployments } from '../deployment';
import { ACCOUNT, OTHERS, type Tags } from '../places';
import type { NamedPolicy } from '../principals';
import type { Scenario } from '../scenario';
import { ALLOW_ALL } from '../simulate';
import { PROVISIONER } from '../workload-account';
import type { ScenarioName } from '../world';

/** How somebody differs from whom a scenario is about: by its tags, by its name, or by what else it may do. */
interface Difference {
  readonly tags?: Tags;
  readonly without?: string;
  readonly with?: Tags;
  readonly principal?: string;
  readonly granted?: NamedPolicy;
}

/** Callers other than the one of the scenario, under the same documents. */
export const CALLERS = {
  'untagged': { tags: {} },
  'no team': { without: 'team' },
  'empty team': { with: { team: '' } },
  'no service': { without: 'service' },
  'no env': { without: 'env' },
  'illegal env': { with: { env: 'qa' } },
  'cost center': { with: { CostCenter: 'cc-4711' } },
  'no cost center': { without: 'CostCenter' },
  'illegal cost center': { with: { CostCenter: 'marketing' } },
  'another team': { with: { team: OTHERS.team.team } },
  'another service': { with: { service: OTHERS.service.service } },
  'another stage': { with: { env: OTHERS.stage.env } },
  'provisioner': { tags: {}, principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${PROVISIONER}/AWSCloudFormation` },
  'granted everything': { granted: { name: 'granted', policy: ALLOW_ALL } },
} satisfies Record<string, Difference>;

export type CallerName = keyof typeof CALLERS;

/** One row of the matrix: what must become of a call. */
export interface Row {
  readonly scenario: ScenarioName;
  /** Who calls, if not the one whom the scenario is about. */
  readonly caller?: CallerName;
  readonly call: CallName | Deployment;
  readonly expected: 'allowed' | 'denied';
  readonly note?: string;
}

/** A call, a sign for each scenario of the table, `+` for allowed and `-` for denied, and what is to be said about it. */
export type Line = readonly [call: Row['call'], signs: string, note?: string];

/** Rows from a table of decisions. A blank between signs stands for nothing. */
export function decide(scenarios: readonly ScenarioName[], lines: readonly Line[], caller?: CallerName): Row[] {
  return lines.flatMap(([call, text, note]) => {
    const signs = text.replaceAll(' ', '').split('');
    if (signs.length !== scenarios.length || signs.some(sign => !'+-'.includes(sign))) {
      throw new RangeError(`${call} has the signs ${JSON.stringify(text)}: one + or - for each of ${scenarios.length} scenarios`);
    }
    return scenarios.map((scenario, index): Row => ({ scenario, caller, call, expected: signs[index] === '+' ? 'allowed' : 'denied', note }));
  });
}

/** A scenario with the caller of a row in it. */
export function withCaller(scenario: Scenario, caller: CallerName | undefined): Scenario {
  if (caller === undefined) return scenario;
  const { granted, tags = scenario.tags, with: more, without, principal = scenario.principal }: Difference = CALLERS[caller];
  const kept = Object.fromEntries(Object.entries(tags).filter(([key]) => key !== without));
  return {
    ...scenario, principal, tags: { ...kept, ...more }, identity: [...scenario.identity, ...granted === undefined ? [] : [granted]],
  };
}

/** The call of a row with its authorizations. */
export function callOf({ call }: Row): Call {
  return isDeployment(call) ? deployments()[call] : CALLS[call];
}

function isDeployment(call: Row['call']): call is Deployment {
  return call.startsWith('deploy ');
}
