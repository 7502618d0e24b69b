import { Assurance, type AttributionSchema } from '../../schema';
import type { ViewKey } from './view-template';

/**
 * The keys of a schema as the views need them: one per key in use, reading also the names of the keys that it replaced.
 */
export function viewKeys(schema: AttributionSchema): ViewKey[] {
  return schema.columns().flatMap((column) => {
    const key = schema.key(column.name);
    return key === undefined ? [] : [{
      name: column.name,
      metadataNames: column.metadataKeys,
      principalTagNames: column.principalTags,
      resourceTagNames: column.resourceTags,
      required: key.required,
      requiredFrom: key.requiredFrom,
      enforced: key.assurance === Assurance.ENFORCED,
      // what arrives of a personal key is a hash, which no rule for its value can judge
      allowedValues: key.personal ? undefined : key.allowedValues,
      pattern: key.personal ? undefined : key.pattern,
    }];
  });
}

/**
 * The keys that dollars are split by unless somebody names others: those that may ride on tags. A key with a value of its own in every
 * request would turn each line of the bill into as many rows.
 */
export function spendKeysOf(keys: readonly ViewKey[]): string[] {
  return keys.filter(key => key.principalTagNames.length + key.resourceTagNames.length > 0).map(key => key.name);
}
