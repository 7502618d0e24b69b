import { type NamedPolicy, namesAction, type PolicyDocument, type Statement } from './principals';
import { ROWS } from './rows';
import { callOf, type Row, withCaller } from './rows/row';
import type { Scenario } from './scenario';
import { ALLOW_ALL, everybody, isAllowed } from './simulate';
import { type ScenarioName, world } from './world';

/** Where a document stands in the evaluation of IAM. */
export type Layer = 'identity' | 'trust' | 'boundary' | 'SCP';

/** A document with something removed from it. */
export interface Mutant {
  readonly layer: Layer;
  readonly document: string;
  /** The scenarios that have the document. */
  readonly scenarios: readonly ScenarioName[];
  readonly statement: string;
  /** `the statement`, or the condition as operator and key. */
  readonly removed: string;
}

/** Statements and conditions that something else of the same document guards as well, and why both are there. */
export const GUARDED_TWICE: readonly { readonly statement: RegExp; readonly removed: RegExp; readonly reason: string }[] = [
  {
    statement: /^Call(Profiles|Projects)OfOwnTags$/,
    removed: /^StringEquals aws:ResourceTag\//,
    reason: 'the group allows what is tagged like the caller, and CallOnlyOwn… denies all else, whatever other policies allow',
  },
  {
    statement: /^Call(Mantle)?WithApiKey$/,
    removed: /^StringEquals bedrock(-mantle)?:BearerTokenType$/,
    reason: 'the group allows short-term keys, and Call…WithNoLongTermKey denies the others, whatever other policies allow',
  },
  {
    statement: /^RunModelsThroughProfiles$/,
    removed: /^ArnLike bedrock:InferenceProfileArn$/,
    reason: 'the role is allowed models through its profiles, and RunModelsInNoOtherWay denies all else, whatever is granted later',
  },
  {
    statement: /^StartTaggedSessions$/,
    removed: /^StringLike aws:RequestTag\/team$/,
    reason: 'the tag must be there, and the name of the session must equal it, which it can only where it is',
  },
];

/** Why a survivor may survive, if it may. */
export function reasonFor({ statement, removed }: Mutant): string | undefined {
  return GUARDED_TWICE.find(pair => pair.statement.test(statement) && pair.removed.test(removed))?.reason;
}

/** What the mutation check found. */
export interface MutationReport {
  readonly documents: number;
  readonly layers: readonly Layer[];
  readonly mutants: number;
  /** Mutants by which no row turned red. */
  readonly survivors: readonly Mutant[];
}

interface Changed {
  readonly from: Statement;
  readonly statement: string;
  readonly removed: string;
  readonly policy: PolicyDocument;
}

interface PlacedDocument {
  readonly layer: Layer;
  readonly policy: NamedPolicy;
  readonly scenarios: readonly ScenarioName[];
}

/** A row with all layers off but one, and with what becomes of it then. */
interface IsolatedRow {
  readonly row: Row;
  readonly scenario: Scenario;
}

const EVERYTHING: NamedPolicy = { name: 'everything', policy: ALLOW_ALL };

/**
 * Removes each statement, and each condition of each statement, of every synthesized document, one at a time, and looks for a row that
 * turns red.
 *
 * All other layers are off meanwhile, so that no document is held up by another one. Rows that need several layers do not count.
 */
export function checkMutations(): MutationReport {
  const documents = placedDocuments();
  const survivors: Mutant[] = [];
  let mutants = 0;
  for (const document of documents) {
    const rows = isolatedRows(document);
    for (const changed of mutantsOf(document.policy.policy)) {
      mutants++;
      if (!rows.some(row => turnsRed(row, document, changed))) {
        const { layer, policy: { name }, scenarios } = document;
        survivors.push({ layer, document: name, scenarios, statement: changed.statement, removed: changed.removed });
      }
    }
  }
  return { documents: documents.length, layers: documents.map(({ layer }) => layer), mutants, survivors };
}

/** Every document that a construct has synthesized, once, with the layer that it belongs to. */
function placedDocuments(): PlacedDocument[] {
  const found = new Map<NamedPolicy, { layer: Layer; scenarios: ScenarioName[] }>();
  for (const [name, scenario] of Object.entries(world()) as [ScenarioName, Scenario][]) {
    const { identity, boundary = [], guardrails, trusts = {} } = scenario;
    const placed: [Layer, readonly NamedPolicy[]][] = [['identity', identity], ['boundary', boundary], ['SCP', guardrails], ['trust', Object.values(trusts)]];
    for (const [layer, policies] of placed) {
      for (const policy of policies.filter(({ isGiven }) => isGiven !== true)) {
        const { scenarios } = found.get(policy) ?? { scenarios: [] };
        found.set(policy, { layer, scenarios: [...scenarios, name] });
      }
    }
  }
  return [...found].map(([policy, place]) => ({ policy, ...place }));
}

/** The rows of the scenarios that have a document, as far as its layer alone explains them. */
function isolatedRows({ layer, scenarios }: PlacedDocument): IsolatedRow[] {
  return ROWS
    .filter(({ scenario }) => scenarios.includes(scenario))
    .map(row => ({ row, scenario: isolate(withCaller(world()[row.scenario], row.caller), layer, row) }))
    .filter(({ row, scenario }) => isAllowed(scenario, callOf(row)) === (row.expected === 'allowed'));
}

/** A scenario with one layer only; the others are as open as IAM needs them to be. */
function isolate(scenario: Scenario, layer: Layer, row: Row): Scenario {
  const off: Scenario = { ...scenario, identity: [EVERYTHING], boundary: undefined, guardrails: [], trusts: openTrusts(scenario, row) };
  switch (layer) {
    case 'identity': return { ...off, identity: scenario.identity };
    case 'boundary': return { ...off, boundary: scenario.boundary };
    case 'SCP': return { ...off, guardrails: scenario.guardrails };
    case 'trust': return { ...off, trusts: scenario.trusts };
  }
}

function openTrusts(scenario: Scenario, row: Row): Scenario['trusts'] {
  return Object.assign({}, ...callOf(row).authorizations.map(authorization => everybody(scenario, authorization))) as Scenario['trusts'];
}

function turnsRed({ row, scenario }: IsolatedRow, { policy }: PlacedDocument, changed: Changed): boolean {
  const call = callOf(row);
  if (!call.authorizations.some(({ action }) => namesAction(changed.from, action))) return false;
  const exchange = (policies: readonly NamedPolicy[]): NamedPolicy[] => (
    policies.map(other => other === policy ? { ...other, policy: changed.policy } : other)
  );
  const mutated: Scenario = {
    ...scenario,
    identity: exchange(scenario.identity),
    boundary: scenario.boundary === undefined ? undefined : exchange(scenario.boundary),
    guardrails: exchange(scenario.guardrails),
    trusts: Object.fromEntries(Object.entries(scenario.trusts ?? {}).map(([arn, trust]) => [arn, exchange([trust])[0]])),
  };
  return isAllowed(mutated, call) !== (row.expected === 'allowed');
}

/** A document without one of its statements, and without one of their conditions. */
export function mutantsOf(policy: PolicyDocument): Changed[] {
  return policy.Statement.flatMap((statement, index) => {
    const change = (removed: string, replacement: readonly Statement[]): Changed => ({
      statement: statement.Sid ?? `statement ${index + 1}`,
      removed,
      from: statement,
      policy: { ...policy, Statement: policy.Statement.flatMap((other, place) => place === index ? replacement : [other]) },
    });
    return [
      change('the statement', []),
      ...conditionsOf(statement).map(([operator, key]) => change(`${operator} ${key}`, [withoutCondition(statement, operator, key)])),
    ];
  });
}

function conditionsOf({ Condition = {} }: Statement): [operator: string, key: string][] {
  return Object.entries(Condition).flatMap(([operator, keys]) => Object.keys(keys).map((key): [string, string] => [operator, key]));
}

function withoutCondition({ Condition = {}, ...rest }: Statement, operator: string, key: string): Statement {
  const left = Object.entries(Condition)
    .map(([name, keys]) => [name, Object.entries(keys).filter(([other]) => name !== operator || other !== key)] as const)
    .filter(([, keys]) => keys.length > 0);
  if (left.length === 0) return rest;
  return { ...rest, Condition: Object.fromEntries(left.map(([name, keys]) => [name, Object.fromEntries(keys)])) };
}
