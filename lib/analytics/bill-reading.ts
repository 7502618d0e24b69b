/** Tags that can prove on the bill whom a line belongs to. */
export enum BillTagCarrier {
  /** Tags of the caller: of its role or user, or of its session. */
  IAM_PRINCIPAL = 'iamPrincipal',

  /** Tags of the resource that was called: an inference profile or a project. */
  RESOURCE = 'resourceTags',
}

/** What a line of the bill costs. */
export enum BillCost {
  /** What was charged for the line, before what was negotiated comes off. */
  UNBLENDED = 'unblended',

  /** What was charged net of negotiated discounts; as `UNBLENDED` where the export has no net columns. */
  NET_UNBLENDED = 'net',
}
