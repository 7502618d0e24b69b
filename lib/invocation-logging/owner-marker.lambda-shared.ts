/** Who put the live configuration. */
export interface Owner {
  readonly stackId: string;
  /** Fingerprint of what it put last: the text itself may be longer than a parameter can hold. */
  readonly fingerprint: string;
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
    const { stackId, fingerprint } = JSON.parse(text ?? '') as Record<string, unknown>;
    return typeof stackId === 'string' && typeof fingerprint === 'string' ? { stackId, fingerprint } : undefined;
  } catch {
    return undefined;
  }
}
