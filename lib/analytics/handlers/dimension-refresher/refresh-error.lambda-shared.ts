/** Why a part of a refresh came to nothing, where no service has said no. */
export class RefreshError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'RefreshError';
  }
}
