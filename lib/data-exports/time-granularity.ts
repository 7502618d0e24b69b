/**
 * How finely a Cost and Usage export cuts time.
 *
 * Monthly rows are not offered: usage and bill meet per UTC day, which a monthly row cannot tell.
 *
 * @see https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html
 */
export enum TimeGranularity {
  /** One row per hour: up to 24 times the rows, for questions about the time of day. */
  HOURLY = 'HOURLY',
  /** One row per UTC day, the grain at which this library reconciles. */
  DAILY = 'DAILY',
}
