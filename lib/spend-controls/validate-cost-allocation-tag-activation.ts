import { type Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { deployedWith } from '../private/outermost-stack';
import { billedKeyNames, billTags } from './bill-tags';
import type { CostAllocationTagActivationProps } from './cost-allocation-tag-activation';
import { canonicalTagKey, MOST_STATE_BYTES, PRINCIPAL_TAG_PREFIX } from './handlers/constants';

/** Longest key of a tag, on a resource as on a principal. @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const LONGEST_KEY = 128;

/** Active keys in an account; AWS may have raised it. @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/billing-limits.html (read 2026-11-21) */
const MOST_KEYS = 500;

/** Bytes of the record beside its keys: names of stack and resources at their longest. */
const RECORD_BYTES = 800;

/** Beginnings that bills and reports put before the keys that Cost Explorer lists. */
const REPORT_PREFIXES = ['user:', 'resourceTags/', 'userAttribute/', 'accountTag/', 'costCategory/'];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The tag keys of a schema, of principals and of resources, each once: where spellings differ in case only, the first one counts. */
export function schemaTagKeys({ schema }: CostAllocationTagActivationProps): string[] {
  const keys = billedKeyNames(schema).flatMap(name => {
    const { principal, resource } = billTags(schema, name);
    return [...principal, ...resource];
  });
  return keys.filter((key, index) => keys.findIndex(other => canonicalTagKey(other) === canonicalTagKey(key)) === index);
}

/** What is wrong with the properties, one sentence each. */
export function tagActivationProblems(props: CostAllocationTagActivationProps): string[] {
  const schemaKeys = schemaTagKeys(props);
  const { additionalTagKeys = [], backfillFrom } = props;
  const known = Token.isUnresolved(additionalTagKeys) ? [] : additionalTagKeys.filter(key => !Token.isUnresolved(key));
  const isBackfill = backfillFrom === undefined || Token.isUnresolved(backfillFrom) || /^\d{4}-(0[1-9]|1[0-2])$/.test(backfillFrom);
  return [
    ...schemaKeys.length > 0 || Token.isUnresolved(additionalTagKeys) || additionalTagKeys.length > 0 ? [] : [
      'schema has no key that rides on a tag and additionalTagKeys is empty, so there is nothing to activate; let a key ride on a tag',
    ],
    ...known.flatMap(keyProblems),
    ...duplicateProblems(schemaKeys, known),
    ...sizeProblems([...schemaKeys, ...known], backfillFrom !== undefined),
    ...intervalProblems(props.checkInterval),
    ...ageProblems(props.maxPendingAge),
    ...isBackfill ? [] : [`backfillFrom is ${JSON.stringify(backfillFrom)}; give a month as YYYY-MM, such as 2026-01`],
  ];
}

function keyProblems(key: string): string[] {
  const got = `additionalTagKeys has ${JSON.stringify(key)}`;
  const { length } = key.startsWith(PRINCIPAL_TAG_PREFIX) ? key.slice(PRINCIPAL_TAG_PREFIX.length) : key;
  const prefix = REPORT_PREFIXES.find(one => key.toLowerCase().startsWith(one.toLowerCase()));
  if (prefix !== undefined) {
    return [`${got}, but ${prefix} is how reports write it; give the key as Cost Explorer lists it, ${JSON.stringify(key.slice(prefix.length))}`];
  }
  return [
    ...length >= 1 && length <= LONGEST_KEY ? [] : [`${got}, of ${length} characters, but a tag key has 1 to ${LONGEST_KEY}; give the key of a tag`],
    ...key.includes(',') ? [`${got}, but a tag key has no comma; give each key by itself`] : [],
  ];
}

function duplicateProblems(schemaKeys: string[], additional: string[]): string[] {
  return additional.flatMap((key, index) => {
    const got = `additionalTagKeys has ${JSON.stringify(key)}`;
    const ofSchema = schemaKeys.find(other => canonicalTagKey(other) === canonicalTagKey(key));
    const earlier = additional.slice(0, index).find(other => canonicalTagKey(other) === canonicalTagKey(key));
    return [
      ...ofSchema === undefined ? [] : [`${got}, which stands for ${JSON.stringify(ofSchema)} of the schema, activated in every spelling; remove it`],
      ...earlier === undefined ? [] : [`${got} beside ${JSON.stringify(earlier)}: every spelling of a tag is activated, so give it once`],
    ];
  });
}

function sizeProblems(keys: string[], hasBackfill: boolean): string[] {
  if (keys.length > MOST_KEYS) {
    return [`there are ${keys.length} tag keys to activate, but an account may have ${MOST_KEYS} active; take some out of additionalTagKeys`];
  }
  const bytes = RECORD_BYTES + keys.reduce((sum, key) => sum + stateBytes(key, hasBackfill), 0);
  return bytes <= MOST_STATE_BYTES ? [] : [
    `the states of ${keys.length} tag keys take up to ${bytes} bytes, but the SSM parameter that keeps them has room for ${MOST_STATE_BYTES}; `
    + 'take some out of additionalTagKeys, or let keys of the schema ride on fewer carriers',
  ];
}

/** What the state of a key takes at least when it was activated here, in the longest spelling. */
function stateBytes(key: string, hasBackfill: boolean): number {
  const state = {
    state: 'active', since: '2026-01-01T00:00:00Z', spellings: [], activatedByUs: [`user:${key}`], ...hasBackfill && { backfilledFrom: '2026-01' },
  };
  return Buffer.byteLength(`${JSON.stringify(key)}:${JSON.stringify(state)},`);
}

function intervalProblems(checkInterval: Duration | undefined): string[] {
  if (checkInterval === undefined || checkInterval.isUnresolved()) return [];
  const milliseconds = checkInterval.toMilliseconds();
  return milliseconds >= MINUTE_MS && milliseconds <= DAY_MS && milliseconds % MINUTE_MS === 0 ? [] : [
    `checkInterval is ${checkInterval.toHumanString()}; give whole minutes, from one to a day: tags and backfills are waited for day by day`,
  ];
}

function ageProblems(maxPendingAge: Duration | undefined): string[] {
  if (maxPendingAge === undefined || maxPendingAge.isUnresolved() || maxPendingAge.toMilliseconds() >= DAY_MS) return [];
  return [`maxPendingAge is ${maxPendingAge.toHumanString()}; give at least a day: AWS lists a new key within 24 hours of the first call with it`];
}

/** The account has one set of cost allocation tags and the metrics one name per stack, so a stack has room for one construct. */
export function siblingProblems(self: IConstruct, isSibling: (construct: IConstruct) => boolean): string[] {
  return deployedWith(self, isSibling)
    .map(other => `${other.node.path} activates tags of the same account from the same stack; keep one of the two, with the keys of both`);
}
