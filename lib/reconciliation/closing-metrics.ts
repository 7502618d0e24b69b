/** In how many of the months that are closed the bill now tells something else than their statements. */
export const CHANGED_MONTHS_METRIC = 'ClosedMonthsChanged';

/** Dimension of the metric: the Glue database of the ledger. */
export const DATABASE_DIMENSION = 'Database';
