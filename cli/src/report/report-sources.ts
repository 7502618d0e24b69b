import type { QueryEngine } from '../engine/query-engine';
import type { MalformedInput } from './report-contract';

/** What a report is made from: an engine with the views in place, and what the views cannot say. */
export interface ReportSources {
  readonly engine: QueryEngine;
  /** Names of the tags that carry the keys, in the words of the `tags` column: `iamPrincipal/<tag key>` and `resourceTags/<tag key>`. */
  readonly tagNames: readonly string[];
  /** Whether there are logs; left out, whether the period has any decides. */
  readonly hasLogs?: boolean;
  /** Whether there is a bill; left out, whether the period has any lines decides. */
  readonly hasBill?: boolean;
  /** Whether anything says what IAM enforces for a caller; left out, callers on the bill or listed principals decide. */
  readonly knowsEnforced?: boolean;
  readonly logs: {
    /** `null` when nobody has counted. */
    readonly malformedLines: number | null;
    /** The first of them, by file and line. */
    readonly malformed: readonly MalformedInput[];
  };
  readonly warnings: readonly string[];
}
