import { Tokenization } from 'aws-cdk-lib';

/** What is split, and between whom. */
export interface SplitChargeProps {
  /** Value of the cost category whose costs are split, such as `shared`: in no other split charge of the category, and no target of one. */
  readonly source: string;

  /** Values of the cost category that take a share, from 1 to 500. */
  readonly targets: string[];
}

/** What is split, and into which parts. */
export interface FixedSharesProps {
  /** Value of the cost category whose costs are split, such as `shared`: in no other split charge of the category, and no target of one. */
  readonly source: string;

  /** The percentage that each value of the cost category takes, from 1 to 500 of them: above 0 and 100 together. */
  readonly shares: Record<string, number>;
}

/**
 * How the costs of one value of a cost category are split between others, such as those of an inference profile that several teams share.
 *
 * The outcome shows on the page of the cost category and in its CSV file, and nowhere else: Cost Explorer, budgets, anomaly monitors and
 * exports go on to show the costs under their source.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/splitcharge-cost-categories.html
 */
export class SplitCharge {
  /** Each target takes a share as large as its own costs are among those of all targets. */
  public static proportional(props: SplitChargeProps): SplitCharge {
    return new SplitCharge('PROPORTIONAL', props.source, [...props.targets]);
  }

  /** Each target takes the same. */
  public static even(props: SplitChargeProps): SplitCharge {
    return new SplitCharge('EVEN', props.source, [...props.targets]);
  }

  /** Each target takes the percentage that is written for it. */
  public static fixedShares(props: FixedSharesProps): SplitCharge {
    return new SplitCharge('FIXED', props.source, Object.keys(props.shares), Object.values(props.shares));
  }

  private constructor(
    /** `PROPORTIONAL`, `EVEN` or `FIXED`. */
    public readonly method: string,
    /** Value of the cost category whose costs are split. */
    public readonly source: string,
    /** Values of the cost category that take a share. */
    public readonly targets: string[],
    /** Percentages in the order of the targets, where they are fixed. */
    public readonly percentages?: number[],
  ) {}

  /**
   * The rule as a cost category takes it.
   *
   * @internal
   */
  public _render(): object {
    const { method, source, targets, percentages } = this;
    return {
      Source: source,
      Targets: targets,
      Method: method,
      ...percentages && {
        Parameters: [{ Type: 'ALLOCATION_PERCENTAGES', Values: percentages.map(percentage => Tokenization.stringifyNumber(percentage)) }],
      },
    };
  }
}
