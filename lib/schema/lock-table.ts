import type { LockRule } from './lock-rule';
import { LockVerdict } from './lock-rule';

/** The one table of all changes that a schema can go through, the fine ones first. */
export const LOCK_TABLE = {
  addedOptional: fine('optional key added', 'callers may start to send it'),
  addedRequiredLater: fine('required key added with a requiredFrom date in the future', 'callers have until that day'),
  addedInPlace: fine('required key added in place of a required key that is deprecated', 'the name of the old key still counts'),
  madeRequiredLater: fine('optional key made required with a requiredFrom date in the future', 'callers have until that day'),
  requiredLater: fine('requiredFrom moved to a later day', 'callers have longer'),
  requiredSooner: fine('requiredFrom brought forward to another day in the future', 'callers still have until that day'),
  requirementStarted: fine('requiredFrom left out once its day has come', 'the key is required already'),
  madeOptional: fine('required key made optional', 'callers may go on to send it'),
  deprecated: fine('key deprecated in favour of another', 'it is still read, under the name of its successor'),
  description: fine('description changed', 'it means the same to every carrier'),
  widened: fine('allowed values or pattern widened', 'every value that was allowed still is'),
  assuranceRaised: fine('assurance raised to enforced', 'every value that was proven still is'),
  personalOn: fine('personal switched on', 'hashes are sent from now on, and the values that were sent before stay as they are'),
  cardinalityLowered: fine('cardinality lowered', 'every carrier takes fewer values'),
  cardinalityRaised: fine('cardinality raised to high on request metadata alone', 'the bill never sees the key'),
  carrierAdded: fine('carrier added', 'the others still carry the key'),
  since: fine('since corrected', 'it changes no value'),
  reordered: fine('keys put in another order', 'reports show them in the new one'),
  versionRaised: fine('version of the schema raised', 'it changes no value'),
  addedRequired: refused('required key added without a requiredFrom date in the future',
    'give it a requiredFrom date in the future, so that callers can start to send it first'),
  madeRequired: refused('optional key made required without a requiredFrom date in the future',
    'give it a requiredFrom date in the future, so that callers can start to send it first'),
  requiredTooSoon: refused('requiredFrom left out or brought forward before its day has come',
    'keep the day that callers were told, or name another one in the future'),
  removed: refused('key removed',
    'keep it and set deprecatedInFavourOf to the key that takes its place, so that its history is still read'),
  renamed: refused('key renamed',
    'keep the old key beside the new one and set its deprecatedInFavourOf to the new name, so that its history is still read'),
  undeprecated: refused('deprecation taken back or moved to another key',
    'keep deprecatedInFavourOf as it was, since reports already read the key under that name'),
  narrowed: refused('allowed values or pattern narrowed',
    'keep what was allowed, since callers send it and history holds it, or deprecate the key in favour of a stricter one'),
  assuranceLowered: refused('assurance lowered to declared',
    'keep it enforced, or add a declared key of another name, since reports promise that these values are proven'),
  personalOff: refused('personal switched off',
    'keep it personal, or add a key of another name for values that identify nobody, since history holds hashes'),
  cardinalityRaisedOnBill: refused('cardinality raised to high on a billing carrier',
    'add a high-cardinality key of another name, which rides on request metadata alone'),
  carrierRemoved: refused('carrier removed',
    'keep the carrier, or deprecate the key in favour of one without it, since callers and the bill use it'),
  spellingChanged: refused('tag spelling changed',
    'keep the spelling, or deprecate the key in favour of one with the new spelling, so that old bills are still read'),
  versionLowered: refused('version of the schema lowered', 'count the version up with each change'),
};

/** Name of a kind of change. */
export type ChangeName = keyof typeof LOCK_TABLE;

function fine(description: string, advice: string): Omit<LockRule, 'change'> {
  return { description, verdict: LockVerdict.FINE, advice };
}

function refused(description: string, advice: string): Omit<LockRule, 'change'> {
  return { description, verdict: LockVerdict.REFUSED, advice };
}
