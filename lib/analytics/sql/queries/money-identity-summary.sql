-- Question: do attributed dollars and reasons add up to the bill?
-- Inputs:   billed_usage, attributed_spend
-- Period:   the last 90 complete days
-- Output:   one row
--   buckets                 billing buckets: account x Region x day x model x token class x route x endpoint x caller
--   broken_buckets          of them with a difference of more than a millionth of a dollar; more than 0 is a defect
--   billed_usd              billed dollars, without tax, credits and refunds
--   attributed_usd          of them with every breakdown key known
--   unattributed_usd        of them with a reason why a breakdown key is unknown
--   difference_usd          the two before less the bill
--   largest_difference_usd  of a single bucket, without its sign
WITH period AS (
  SELECT
    cast({as_of} - interval '90' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
sides AS (
  SELECT
    account_id, region, usage_date, model, token_class, coalesce(route, 'other') AS route_class, endpoint, caller,
    billed_usd AS bill, 0e0 AS attributed, 0e0 AS explained
  FROM billed_usage
  WHERE NOT is_adjustment
  UNION ALL
  SELECT
    account_id, region, usage_date, model, token_class, route_class, endpoint, caller,
    0e0,
    CASE WHEN true
      -- for each breakdown key
      AND {key} IS NOT NULL
      -- end
      THEN billed_usd ELSE 0e0 END,
    CASE WHEN reason IS NOT NULL AND NOT (true
      -- for each breakdown key
      AND {key} IS NOT NULL
      -- end
    ) THEN billed_usd ELSE 0e0 END
  FROM attributed_spend
),
billing_buckets AS (
  SELECT sum(bill) AS bill_sum, sum(attributed) AS attributed_sum, sum(explained) AS explained_sum
  FROM sides
  CROSS JOIN period
  WHERE usage_date BETWEEN first_day AND last_day
  GROUP BY account_id, region, usage_date, model, token_class, route_class, endpoint, caller
)
SELECT
  count(*) AS buckets,
  count_if(abs(attributed_sum + explained_sum - bill_sum) > 1e-6) AS broken_buckets,
  coalesce(sum(bill_sum), 0e0) AS billed_usd,
  coalesce(sum(attributed_sum), 0e0) AS attributed_usd,
  coalesce(sum(explained_sum), 0e0) AS unattributed_usd,
  coalesce(sum(attributed_sum + explained_sum - bill_sum), 0e0) AS difference_usd,
  coalesce(max(abs(attributed_sum + explained_sum - bill_sum)), 0e0) AS largest_difference_usd
FROM billing_buckets
