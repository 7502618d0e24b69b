import type { AttributionKey, AttributionSchema } from '../schema';

/** The tags by which a bill tells the value of an attribution key, as Cost Explorer and Budgets spell them. */
export interface BillTags {
  /** Tags of the calling principal and of its session, `iamPrincipal/team`: only lines of Amazon Bedrock have them. */
  readonly principal: string[];

  /** Tags of the resource that was called, `team`: lines of any service may have them. */
  readonly resource: string[];
}

/**
 * The tags that tell the value of a key, by its own spellings and those of the keys that it replaced. Both lists are empty when the key
 * rides on request metadata alone, or is not in the schema.
 *
 * The two lists are two accounts of the same dollars, which are never added: a line whose caller says one team and whose profile says
 * another counts for the caller, as in the ledger.
 */
export function billTags(schema: AttributionSchema, keyName: string): BillTags {
  const column = schema.columns().find(({ name }) => name === keyName);
  return {
    principal: (column?.principalTags ?? []).map(tag => `iamPrincipal/${tag}`),
    resource: column?.resourceTags ?? [],
  };
}

/** Names of the keys in use that ride on any tag, so that the bill can tell them. */
export function billedKeyNames(schema: AttributionSchema): string[] {
  return schema.columns()
    .filter(({ principalTags, resourceTags }) => principalTags.length + resourceTags.length > 0)
    .map(({ name }) => name);
}

/** The values that tags may give, where the schema lists them. Those of a person are hashed on the way, which no list knows. */
export function listedValues(key: AttributionKey | undefined): string[] | undefined {
  return key?.personal === true ? undefined : key?.allowedValues;
}
