import { type Call, CALLS, type CallName } from '../contexts';
import { type Deployment, deployments } from '../deployment';
import { ACCOUNT, OTHERS, OWN, type Tags } from '../places';
import type { NamedPolicy } from '../principals';
import type { Scenario } from '../scenario';
import { ALLOW_ALL } from '../simulate';
import { PROVISIONER } from '../workload-account';
import type { ScenarioName } from '../world';

/** How somebody differs from whom a scenario is about: by its tags, by its name, or by what else it may do. */
interface Difference {
  readonly tags?: Tags;
  readonly principal?: string;
  readonly granted?: NamedPolicy;
}

/** Callers other than the one of the scenario, under the same documents. */
export const CALLERS = {
  'untagged': { tags: {} },
  'no team': { tags: { service: OWN.service, env: OWN.env } },
  'empty team': { tags: { ...OWN, team: '' } },
  'no service': { tags: { team: OWN.team, env: OWN.env } },
  'no env': { tags: { team: OWN.team, service: OWN.service } },
  'illegal env': { tags: { ...OWN, env: 'qa' } },
  'cost center': { tags: { ...OWN, CostCenter: 'cc-4711' } },
  'illegal cost center': { tags: { ...OWN, CostCenter: 'marketing' } },
  'another team': { tags: OTHERS.team },
  'another service': { tags: OTHERS.service },
  'another stage': { tags: OTHERS.stage },
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
  const { granted, ...difference }: Difference = CALLERS[caller];
  return { ...scenario, ...difference, identity: [...scenario.identity, ...granted === undefined ? [] : [granted]] };
}

/** The call of a row with its authorizations. */
export function callOf({ call }: Row): Call {
  return isDeployment(call) ? deployments()[call] : CALLS[call];
}

function isDeployment(call: Row['call']): call is Deployment {
  return call.startsWith('deploy ');
}
