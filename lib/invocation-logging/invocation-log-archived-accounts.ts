/** Whose logs an archive takes. */
export class ArchivedAccounts {
  /**
   * The accounts that are named, at most 400: a bucket policy has room for no more.
   *
   * @param accounts 12 digits each
   */
  public static fromAccounts(accounts: string[]): ArchivedAccounts {
    return new ArchivedAccounts([...accounts]);
  }

  /**
   * Every account of an organization, also one that joins later.
   *
   * @param organizationId such as `o-a1b2c3d4e5`
   */
  public static fromOrganization(organizationId: string): ArchivedAccounts {
    return new ArchivedAccounts(undefined, organizationId);
  }

  private constructor(
    /** The accounts that are named; undefined when it is those of an organization. */
    public readonly accounts?: string[],

    /** The organization; undefined when accounts are named. */
    public readonly organizationId?: string,
  ) {}
}
