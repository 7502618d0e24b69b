/** Environment variables of the health check. */
export const EXPORT_HEALTH_VARIABLES = {
  /** Name of the export that is watched. */
  exportName: 'EXPORT_NAME',
  /** Names of the exports that tables read, joined by commas, which no name contains. */
  readNames: 'READ_EXPORT_NAMES',
  /** Names of the exports below the same prefix that hold something else, joined by commas; not there where there are none. */
  otherNames: 'OTHER_EXPORT_NAMES',
  /** The bucket in which exports are looked for that no table reads; without it none are. */
  bucket: 'EXPORT_BUCKET',
  /** The folder of the bucket that holds the folders of exports, without a slash at either end. */
  prefix: 'EXPORT_PREFIX',
} as const;

/** Dimension of the metrics: name of the export that they are about. */
export const EXPORT_DIMENSION = 'ExportName';

/** The metrics of a check. */
export const EXPORT_METRICS = {
  /** 0 when Data Exports calls the export healthy, else 1. */
  unhealthy: 'ExportUnhealthy',
  /** Seconds since the newest delivery; until there is one, since the export was made. */
  deliveryAge: 'SecondsSinceDelivery',
  /** How many folders of exports hold data that no table reads. */
  unread: 'UnreadExports',
} as const;

/** Time-out of the health check, in seconds: the retries, and the calls that were under way when they ended. */
export const EXPORT_HEALTH_TIMEOUT_SECONDS = 300;
