import type { AttributionSchema } from '../schema';
import { billTags } from './bill-tags';

/** By which tag a monitor knows the value of an attribution key. */
export interface AnomalyTagOptions {
  /**
   * The tag as Cost Explorer spells it, for the case that it spells tags of callers otherwise.
   *
   * @default - the first tag that the key has on callers, or on resources for `resourceTag()`
   */
  readonly tagKey?: string;
}

/**
 * Which part of the bill a monitor learns from.
 *
 * No scope can be limited to a service. Tags of callers stand on lines of Amazon Bedrock only; tags of resources, cost categories and
 * accounts are of the whole bill. That anomaly monitors know tags of callers is said by no page of AWS.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/getting-started-ad.html#monitor-type-def
 */
export class AnomalyScope {
  /**
   * Each value of a key by itself, as the callers' tags tell it (`iamPrincipal/team`): the 5,000 values that cost most, and new ones as
   * they appear. A monitor has one tag: keys that this one replaced need monitors of their own.
   *
   * @param keyName name of a key of the schema that rides on tags of callers
   */
  public static tag(keyName: string, options: AnomalyTagOptions = {}): AnomalyScope {
    return new AnomalyScope({ kind: 'tag', keyName, carrier: 'principal', tagKey: options.tagKey });
  }

  /**
   * Each value of a key by itself, as the tags of resources tell it (`team`), on lines of any service.
   *
   * @param keyName name of a key of the schema that rides on tags of resources
   */
  public static resourceTag(keyName: string, options: AnomalyTagOptions = {}): AnomalyScope {
    return new AnomalyScope({ kind: 'tag', keyName, carrier: 'resource', tagKey: options.tagKey });
  }

  /**
   * Some values of a key together, as the callers' tags tell them: what one spends more and the other less evens out.
   *
   * @param keyName name of a key of the schema that rides on tags of callers
   * @param values from 1 to 10 values; upper and lower case count
   */
  public static tagValues(keyName: string, values: string[], options: AnomalyTagOptions = {}): AnomalyScope {
    return new AnomalyScope({ kind: 'tagValues', keyName, carrier: 'principal', tagKey: options.tagKey, values });
  }

  /**
   * Each value of a cost category by itself. A category knows callers and resources, in the order of the ledger.
   *
   * @param costCategoryName name of the category, which has to exist before the monitor: add a dependency on it
   */
  public static costCategory(costCategoryName: string): AnomalyScope {
    return new AnomalyScope({ kind: 'costCategory', costCategoryName });
  }

  /**
   * One value of a cost category.
   *
   * @param costCategoryName name of the category, which has to exist before the monitor: add a dependency on it
   * @param value one of its values, such as its default
   */
  public static costCategoryValue(costCategoryName: string, value: string): AnomalyScope {
    return new AnomalyScope({ kind: 'costCategory', costCategoryName, value });
  }

  /**
   * Some accounts together, with all that they spend: what one spends more and the other less evens out.
   *
   * @param accountIds from 1 to 10 ids of twelve digits
   */
  public static accounts(accountIds: string[]): AnomalyScope {
    return new AnomalyScope({ kind: 'accounts', accountIds });
  }

  /** @internal */
  public readonly _is: AnomalyScopeKind;

  private constructor(kind: AnomalyScopeKind) {
    this._is = kind;
  }

  /**
   * The tag that the scope asks for, if it asks for one and the key has one.
   *
   * @internal
   */
  public _tagKey(schema: AttributionSchema): string | undefined {
    if (this._is.kind !== 'tag' && this._is.kind !== 'tagValues') return undefined;
    return this._is.tagKey ?? billTags(schema, this._is.keyName)[this._is.carrier].at(0);
  }

  /**
   * Type, dimension and specification of the monitor.
   *
   * @internal
   */
  public _render(schema: AttributionSchema): RenderedAnomalyScope {
    const scope = this._is;
    switch (scope.kind) {
      case 'tag': return { dimension: 'TAG', specification: { Tags: { Key: this._tagKey(schema) } } };
      case 'tagValues': return { specification: { Tags: { Key: this._tagKey(schema), Values: scope.values } } };
      case 'accounts': return { specification: { Dimensions: { Key: 'LINKED_ACCOUNT', Values: scope.accountIds } } };
      case 'costCategory': return scope.value === undefined
        ? { dimension: 'COST_CATEGORY', specification: { CostCategories: { Key: scope.costCategoryName } } }
        : { specification: { CostCategories: { Key: scope.costCategoryName, Values: [scope.value] } } };
    }
  }
}

/** One of the kinds of scopes. */
type AnomalyScopeKind =
  | { readonly kind: 'tag'; readonly keyName: string; readonly carrier: 'principal' | 'resource'; readonly tagKey?: string }
  | { readonly kind: 'tagValues'; readonly keyName: string; readonly carrier: 'principal'; readonly tagKey?: string; readonly values: string[] }
  | { readonly kind: 'costCategory'; readonly costCategoryName: string; readonly value?: string }
  | { readonly kind: 'accounts'; readonly accountIds: string[] };

/** A scope as a monitor takes it: one with a dimension looks at each value by itself. */
interface RenderedAnomalyScope {
  readonly dimension?: string;
  readonly specification: object;
}
