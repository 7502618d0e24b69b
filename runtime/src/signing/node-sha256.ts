import { createHash, createHmac } from 'node:crypto';
import type { Checksum, SourceData } from '@smithy/types';

type Digest = ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

/** SHA-256 and its keyed form by Node.js itself, in the shape that the signer asks for. */
export class NodeSha256 implements Checksum {
  private hash: Digest;

  public constructor(private readonly secret?: SourceData) {
    this.hash = this.fresh();
  }

  public update(data: Uint8Array): void {
    this.hash.update(data);
  }

  public digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }

  public reset(): void {
    this.hash = this.fresh();
  }

  private fresh(): Digest {
    if (this.secret === undefined) return createHash('sha256');
    return createHmac('sha256', this.secret instanceof ArrayBuffer ? new Uint8Array(this.secret) : this.secret as string | Uint8Array);
  }
}
