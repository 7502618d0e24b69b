/**
 * The JSON of a report: a public contract, field names as they are printed.
 *
 * Money is in US dollars. `estimated_usd` is priced from the logs and is `null` without logs; the billed, attributed, unattributed and
 * adjustment fields come from the bill and are `null` without one. A key that a record or a bill line does not carry is `null`.
 */
export interface Report {
  readonly period: { readonly from: string | null; readonly to: string | null };
  /** Names of the keys the groups are made by, in the order asked for. */
  readonly by: readonly string[];
  /** ISO-8601 instant: usage younger than the settlement window before it counts as unsettled. */
  readonly as_of: string;
  readonly totals: ReportTotals;
  readonly groups: readonly ReportGroup[];
  readonly unattributed: readonly ReasonUsd[];
  readonly coverage: readonly Coverage[];
  readonly quality: Quality;
}

export interface ReportTotals {
  /** Unique requests in the logs, whatever their status. */
  readonly requests: number;
  readonly failed_requests: number;
  readonly blocked_requests: number;
  readonly partial_requests: number;
  /** Records dropped because another record of the same request won. */
  readonly duplicate_records: number;
  /** `null` when nothing says how many there are. */
  readonly malformed_lines: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly estimated_usd: number | null;
  readonly unpriced_requests: number;
  readonly billed_usd: number | null;
  readonly attributed_usd: number | null;
  readonly unattributed_usd: number | null;
  /** Tax, credits and refunds of Bedrock lines; never part of `billed_usd` and never split. */
  readonly adjustments_usd: number | null;
}

export interface ReportGroup {
  readonly keys: Readonly<Record<string, string | null>>;
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly estimated_usd: number | null;
  readonly billed_usd: number | null;
  readonly enforced_usd: number | null;
  readonly declared_usd: number | null;
}

/** Why dollars could not be attributed, in the order in which the reasons are tried: the first that holds is the one shown. */
export const REMAINDER_REASONS = [
  'not_token_based',
  'unsettled',
  'endpoint_not_logged',
  'region_not_logged',
  'caller_not_logged',
  'under_logged',
  'no_metadata',
  'key_absent',
] as const;

export type RemainderReason = (typeof REMAINDER_REASONS)[number];

export interface ReasonUsd {
  readonly reason: RemainderReason;
  readonly usd: number;
}

export type CoverageStatus = 'logged' | 'partly_silent' | 'silent' | 'not_billed';

export interface Coverage {
  readonly account_id: string | null;
  readonly region: string | null;
  readonly status: CoverageStatus;
  readonly logged_requests: number;
  readonly billed_usd: number | null;
  /** Days with billed runtime token dollars and not one record. */
  readonly silent_days: number | null;
  readonly silent_usd: number | null;
}

export interface MalformedInput {
  readonly file: string;
  /** 1-based; `null` when the whole file is meant. */
  readonly line: number | null;
  readonly why: string;
}

export interface Quality {
  readonly no_metadata: number;
  readonly schema_violations: number;
  /** `null` when neither a bill with caller identity nor a list of principals says what is enforced. */
  readonly forged_claims: number | null;
  /** Bill lines whose caller tag and resource tag disagree on a key. */
  readonly tag_conflicts: number;
  readonly tag_spelling_variants: readonly string[];
  readonly unmapped_models: readonly string[];
  readonly malformed: readonly MalformedInput[];
}

/** What the page and the table show beside the contract; never part of the JSON. */
export interface ReportDetails {
  /** One row per UTC day and group; `usd` is billed with a bill, estimated without one. */
  readonly daily: readonly { readonly day: string; readonly keys: Readonly<Record<string, string | null>>; readonly usd: number }[];
  /** Sentences for the reader: what was missing, assumed or left out. */
  readonly warnings: readonly string[];
  /** Forged claims by caller, most first. */
  readonly forged: readonly ForgedClaim[];
}

/** Requests of one caller that declare another value than the one enforced for it. */
export interface ForgedClaim {
  readonly caller: string;
  readonly key: string;
  readonly declared: string;
  readonly enforced: string;
  readonly requests: number;
}
