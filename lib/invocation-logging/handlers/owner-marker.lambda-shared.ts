/** A resource of a stack. */
export interface OwnerId {
  readonly stackId: string;
  readonly logicalId: string;
}

/** Who put the live configuration. */
export interface Owner extends OwnerId {
  /** Fingerprint of what it put last: the text itself may be longer than a parameter can hold. */
  readonly fingerprint: string;
  /**
   * Logical id of the resource of the same stack from which this one took the same configuration over, as when a construct was renamed.
   * Gone as soon as CloudFormation has deleted that resource; until then a rollback gives the configuration back to it.
   */
  readonly former?: string;
}

/** The note, one per account and Region, in which a stack leaves its name: the setting itself knows no owner. */
export interface OwnerMarker {
  read(): Promise<Owner | undefined>;
  write(owner: Owner): Promise<void>;
  clear(): Promise<void>;
}

/** Reads the text of a marker; text that cannot be read names nobody. */
export function parseOwner(text: string | undefined): Owner | undefined {
  try {
    const { stackId, logicalId, fingerprint, former } = JSON.parse(text ?? '') as Record<string, unknown>;
    if (typeof stackId !== 'string' || typeof logicalId !== 'string' || typeof fingerprint !== 'string') return undefined;
    return { stackId, logicalId, fingerprint, former: typeof former === 'string' ? former : undefined };
  } catch {
    return undefined;
  }
}
