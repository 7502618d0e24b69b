/** Dimension of the metrics: name of the database that the ledger is in. */
export const DATABASE_DIMENSION = 'Database';

/** What an hourly run measures. */
export const LEDGER_METRICS = {
  /** Hours between the newest call in the ledger and the start of the run. */
  lag: 'LedgerLagHours',
  /** Lines in the logs of the window that are no records. */
  malformed: 'MalformedLines',
  /** Records whose time stamp cannot be read, and records of more days than a run takes in beside those of its window. */
  undated: 'UndatedRecords',
  /** Log objects of the window that cannot be read and are left out. */
  quarantined: 'QuarantinedObjects',
} as const;
