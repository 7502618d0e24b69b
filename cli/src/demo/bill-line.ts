import type { TokenType } from './models';
import type { Who } from './world';

/** What a line of the bill is about; the bill itself does not say it so plainly. */
export type LineKind =
  /** Bedrock spend. */
  | 'bedrock'
  /** Tax, credit or refund on Bedrock. */
  | 'adjustment'
  /** Another service. */
  | 'foreign';

export interface TokenMeaning {
  /** Id of the foundation model. */
  readonly model: string;
  readonly tokenType: TokenType;
  /** 0 on a discount: its usage amount repeats that of the usage. */
  readonly tokens: number;
  readonly isGlobal: boolean;
  readonly endpoint: 'runtime' | 'mantle';
}

/** One line of the bill: what is written, and what it means. */
export interface BillLine {
  readonly kind: LineKind;
  /** `null` on what is not token-based. */
  readonly meaning: TokenMeaning | null;
  /** The caller, as far as the line names it: a role without session stands for all its sessions. */
  readonly caller: Who | null;
  readonly account: string;
  readonly region: string;
  readonly start: number;
  readonly end: number;
  readonly lineType: string;
  readonly usd: number;
  readonly usageType: string;
  readonly amount: number;
  readonly unit: string;
  readonly productCode: string;
  readonly billingEntity: 'AWS' | 'AWS Marketplace';
  readonly description: string;
  readonly operation: string;
  readonly principal: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly product: Readonly<Record<string, string>>;
  readonly productFamily: string | null;
  /** Empty on Marketplace rows: there only the usage type tells the Region. */
  readonly regionCode: string;
}

/** The bill has ten decimals. */
export function cents(usd: number): number {
  return Number(usd.toFixed(10));
}
