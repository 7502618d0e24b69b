import type { Tags } from './places';
import type { NamedPolicy } from './principals';

/** Who calls, and every document that says what he may do. */
export interface Scenario {
  /** What the scenario is about, in a sentence. */
  readonly about: string;
  /** ARN of the user, or of the session of a role. */
  readonly principal: string;
  /** Tags of the principal and of its session. */
  readonly tags: Tags;
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: readonly NamedPolicy[];
  /** Service control policies, beside the one that allows everything. */
  readonly guardrails: readonly NamedPolicy[];
  /** Trust policies of the roles that can be assumed, by ARN. */
  readonly trusts?: Readonly<Record<string, NamedPolicy>>;
}
