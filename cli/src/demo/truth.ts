/** A value per key; `null` where it is not known. */
export type KeyValues = Readonly<Record<string, string | null>>;

export type Reason =
  | 'not_token_based' | 'unsettled' | 'endpoint_not_logged' | 'region_not_logged' | 'caller_not_logged' | 'under_logged'
  | 'no_metadata' | 'key_absent';

export interface TrueGroup {
  readonly keys: KeyValues;
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly billed_usd: number;
  /** Of a group with a `null` key, `enforced_usd` and `declared_usd` are 0: its dollars are unattributed. */
  readonly enforced_usd: number;
  readonly declared_usd: number;
}

export interface TrueCoverage {
  readonly account_id: string;
  readonly region: string;
  readonly status: 'logged' | 'partly_silent' | 'silent' | 'not_billed';
  readonly logged_requests: number;
  readonly billed_usd: number;
  readonly silent_days: number;
  /** Dollars of runtime tokens on the silent days. */
  readonly silent_usd: number;
}

/** A caller that declares what the bill disproves. */
export interface Forger {
  readonly account_id: string;
  readonly caller: string;
  readonly key: string;
  readonly declared: string;
  readonly enforced: string;
  readonly requests: number;
}

/**
 * What a report on the generated month must say, told by who made the month.
 *
 * The fields are those of a report. `estimated_usd` is left out: an estimate depends on the price list at hand, the truth does not.
 */
export interface Truth {
  readonly as_of: string;
  readonly by: readonly string[];
  readonly totals: {
    readonly requests: number;
    readonly failed_requests: number;
    readonly blocked_requests: number;
    readonly partial_requests: number;
    readonly duplicate_records: number;
    readonly malformed_lines: number;
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cache_read_tokens: number;
    readonly cache_write_tokens: number;
    readonly unpriced_requests: number;
    readonly billed_usd: number;
    readonly attributed_usd: number;
    readonly unattributed_usd: number;
    readonly adjustments_usd: number;
  };
  readonly groups: readonly TrueGroup[];
  readonly unattributed: readonly { readonly reason: Reason; readonly usd: number }[];
  readonly coverage: readonly TrueCoverage[];
  readonly quality: {
    readonly no_metadata: number;
    readonly schema_violations: number;
    readonly forged_claims: number;
    readonly tag_conflicts: number;
    readonly tag_spelling_variants: readonly string[];
    /** Names in the logs that stand for no known model. */
    readonly unmapped_models: readonly string[];
    /** By place; `file` is below the folder of the month. */
    readonly malformed: readonly { readonly file: string; readonly line: number; readonly why: string }[];
  };
  /** Days without logging, by account and Region. */
  readonly silent_days: readonly { readonly account_id: string; readonly region: string; readonly days: readonly string[] }[];
  readonly forgers: readonly Forger[];
}
