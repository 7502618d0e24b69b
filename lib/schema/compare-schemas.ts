import type { AttributionKey } from './attribution-key';
import { Assurance, Cardinality } from './attribution-key';
import type { AttributionSchema } from './attribution-schema';
import { BILLING_CARRIERS } from './check-schema';
import { compareValueRules } from './compare-value-rules';
import type { ChangeName } from './lock-table';
import type { ParsedSchema } from './schema-file';
import { keyFields } from './schema-file';

/** A difference before its verdict: a name of the table of rules, the key it is about and what exactly changed. */
export interface Difference {
  readonly change: ChangeName;
  readonly key?: string;
  readonly detail?: string;
}

/** All the differences between a locked schema and the present one, by key in the order of the lock. */
export function compareSchemas(locked: ParsedSchema, schema: AttributionSchema, today?: string): Difference[] {
  const added = schema.keys.filter(({ name }) => !locked.keys.some(key => key.name === name));
  const renames = findRenames(locked.keys.filter(({ name }) => schema.key(name) === undefined), added);
  const known = locked.keys.flatMap((before): Difference[] => {
    const after = schema.key(before.name);
    if (after !== undefined) return compareKeys(before, after, today);
    const newName = renames.get(before.name);
    return newName === undefined ? [{ change: 'removed', key: before.name }] : [{ change: 'renamed', key: before.name, detail: `to ${newName}` }];
  });
  const names = new Set(renames.values());
  return [
    ...compareVersions(locked.version, schema.version),
    ...known,
    ...added.filter(({ name }) => !names.has(name)).map(key => ({ change: addition(key, locked.keys, schema, today), key: key.name })),
    ...compareOrder(locked.keys, schema.keys),
  ];
}

/** A key that went and one that came with all the same fields are taken for one key with a new name; it is refused either way. */
function findRenames(removed: AttributionKey[], added: AttributionKey[]): Map<string, string> {
  const renames = new Map<string, string>();
  for (const before of removed) {
    const taken = new Set(renames.values());
    const after = added.find(key => !taken.has(key.name) && likeness(key) === likeness(before));
    if (after !== undefined) renames.set(before.name, after.name);
  }
  return renames;
}

function likeness(key: AttributionKey): string {
  return JSON.stringify({ ...keyFields(key), name: undefined, description: undefined, since: undefined });
}

function compareVersions(before: number, after: number): Difference[] {
  if (before === after) return [];
  return [{ change: after > before ? 'versionRaised' : 'versionLowered', detail: `from ${before} to ${after}` }];
}

function addition(key: AttributionKey, locked: AttributionKey[], schema: AttributionSchema, today?: string): ChangeName {
  if (!key.required || key.deprecatedInFavourOf !== undefined) return 'addedOptional';
  const former = schema.deprecatedNames(key.name);
  // a former key that was required at once: its callers meet the new requirement without doing anything
  if (locked.some(before => former.includes(before.name) && before.isRequiredOn())) return 'addedInPlace';
  return isFuture(key.requiredFrom, today) ? 'addedRequiredLater' : 'addedRequired';
}

function compareOrder(before: AttributionKey[], after: AttributionKey[]): Difference[] {
  const common = (keys: AttributionKey[], others: AttributionKey[]): string =>
    keys.filter(({ name }) => others.some(other => other.name === name)).map(({ name }) => name).join(', ');
  const order = common(after, before);
  return common(before, after) === order ? [] : [{ change: 'reordered', detail: order }];
}

function compareKeys(before: AttributionKey, after: AttributionKey, today?: string): Difference[] {
  const changes: (ChangeName | undefined)[] = [
    compareDeprecation(before, after),
    compareRequirement(before, after, today),
    before.description === after.description ? undefined : 'description',
    compareValueRules(before, after),
    compareAssurance(before, after),
    comparePersonal(before, after),
    compareCardinality(before, after),
    after.carriers.every(carrier => before.ridesOn(carrier)) ? undefined : 'carrierAdded',
    before.carriers.every(carrier => after.ridesOn(carrier)) ? undefined : 'carrierRemoved',
    BILLING_CARRIERS.every(carrier => !before.ridesOn(carrier) || before.spelling(carrier) === after.spelling(carrier)) ? undefined : 'spellingChanged',
    before.since === after.since ? undefined : 'since',
  ];
  return changes.flatMap(change => change === undefined ? [] : [{ change, key: after.name }]);
}

function compareDeprecation(before: AttributionKey, after: AttributionKey): ChangeName | undefined {
  if (before.deprecatedInFavourOf === after.deprecatedInFavourOf) return undefined;
  return before.deprecatedInFavourOf === undefined ? 'deprecated' : 'undeprecated';
}

function compareRequirement(before: AttributionKey, after: AttributionKey, today?: string): ChangeName | undefined {
  if (before.required === after.required && before.requiredFrom === after.requiredFrom) return undefined;
  // a deprecated key is not required, whatever it says
  if (after.deprecatedInFavourOf !== undefined || !after.required) return 'madeOptional';
  if (!before.required) return isFuture(after.requiredFrom, today) ? 'madeRequiredLater' : 'madeRequired';
  if (after.requiredFrom === undefined) return today !== undefined && isFuture(before.requiredFrom, today) ? 'requiredTooSoon' : 'requirementStarted';
  if (before.requiredFrom === undefined || after.requiredFrom > before.requiredFrom) return 'requiredLater';
  return isFuture(after.requiredFrom, today) ? 'requiredSooner' : 'requiredTooSoon';
}

/** Whether a day was named and lies in the future; without a day to judge by, every day does. */
function isFuture(day: string | undefined, today: string | undefined): boolean {
  return day !== undefined && (today === undefined || day > today);
}

function compareAssurance(before: AttributionKey, after: AttributionKey): ChangeName | undefined {
  if (before.assurance === after.assurance) return undefined;
  return after.assurance === Assurance.ENFORCED ? 'assuranceRaised' : 'assuranceLowered';
}

function comparePersonal(before: AttributionKey, after: AttributionKey): ChangeName | undefined {
  if (before.personal === after.personal) return undefined;
  return after.personal ? 'personalOn' : 'personalOff';
}

function compareCardinality(before: AttributionKey, after: AttributionKey): ChangeName | undefined {
  if (before.cardinality === after.cardinality) return undefined;
  if (after.cardinality === Cardinality.LOW) return 'cardinalityLowered';
  return BILLING_CARRIERS.some(carrier => before.ridesOn(carrier)) ? 'cardinalityRaisedOnBill' : 'cardinalityRaised';
}
