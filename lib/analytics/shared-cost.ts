import type { SharedCostRule } from './sql/view-template';

/** What is shared, and who takes a share of it. */
export interface SharedCostProps {
  /** Name of an attribution key that billed dollars are split by, such as `team`. */
  readonly key: string;

  /** The value of the key whose costs are shared, such as `platform`. */
  readonly source: string;

  /**
   * The values of the key that take a share.
   *
   * @default - every other value that spent something in the billing period and is not shared itself
   */
  readonly targets?: string[];
}

/** What is shared, and which part of it everybody takes. */
export interface FixedSharedCostProps {
  /** Name of an attribution key that billed dollars are split by, such as `team`. */
  readonly key: string;

  /** The value of the key whose costs are shared, such as `platform`. */
  readonly source: string;

  /** The percentage that each value of the key takes: above 0, and 100 together. */
  readonly shares: Record<string, number>;
}

/**
 * How what is spent under one value of a key is charged to others, month by month, in the view `charged_spend`.
 *
 * Nothing else changes: all other views go on to show the dollars under the value that spent them.
 */
export class SharedCost {
  /** Everybody takes a share as large as its own costs are among those of all. */
  public static proportional(props: SharedCostProps): SharedCost {
    return new SharedCost({ ...props, method: 'proportional', targets: props.targets?.map(target => ({ target, weight: 1 })) });
  }

  /** Everybody takes the same. */
  public static even(props: SharedCostProps): SharedCost {
    return new SharedCost({ ...props, method: 'even', targets: props.targets?.map(target => ({ target, weight: 1 })) });
  }

  /** Everybody takes the percentage that is written for it, whether it spent something itself or not. */
  public static fixedShares(props: FixedSharedCostProps): SharedCost {
    const { key, source, shares } = props;
    return new SharedCost({ key, source, method: 'fixed', targets: Object.entries(shares).map(([target, weight]) => ({ target, weight })) });
  }

  /**
   * The rule in the form that the view takes.
   *
   * @internal
   */
  public readonly _rule: SharedCostRule;

  private constructor(rule: SharedCostRule) {
    this._rule = rule;
  }
}
