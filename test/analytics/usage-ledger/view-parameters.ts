import { spendKeysOf, viewKeys } from '../../../lib/analytics/sql/view-keys';
import type { ViewParameters } from '../../../lib/analytics/sql/view-template';
import { AttributionSchema } from '../../../lib/schema';

const keys = viewKeys(AttributionSchema.starter());

/** The parameters of a catalog for the starter schema. */
export const VIEW_PARAMETERS: ViewParameters = {
  keys,
  spendKeys: spendKeysOf(keys),
  attributionOrder: ['iamPrincipal', 'resourceTags'],
  asOf: 'current_timestamp',
  settlementHours: 72,
  cost: 'line_item_unblended_cost',
  invocationsSource: 'usage_ledger',
  billSource: 'bill_ledger',
  logWindow: 'true',
  sharedCosts: [],
};
