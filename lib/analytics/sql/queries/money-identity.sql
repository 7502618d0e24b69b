-- Question: is there a billing bucket whose attributed dollars and reasons do not add up to the bill?
-- Inputs:   billed_usage, attributed_spend
-- Period:   the last 90 complete days
-- Output:   one row per broken billing bucket, the largest difference first; no rows: every billed dollar is accounted for
--   account_id        account that is billed
--   region            Region that is billed
--   usage_date        day in UTC
--   model             model as the bill names it
--   token_class       input, output, cache_read or cache_write, NULL where the line is not by token
--   route_class       global or other
--   endpoint          runtime or mantle, NULL where the line is not by token
--   caller            caller as the bill names it, NULL where it names none
--   billed_usd        billed dollars of the bucket
--   attributed_usd    of them with every breakdown key known
--   unattributed_usd  of them with a reason why a breakdown key is unknown
--   difference_usd    the two before less the bill
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
)
SELECT
  account_id, region, usage_date, model, token_class, route_class, endpoint, caller,
  sum(bill) AS billed_usd,
  sum(attributed) AS attributed_usd,
  sum(explained) AS unattributed_usd,
  sum(attributed) + sum(explained) - sum(bill) AS difference_usd
FROM sides
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY account_id, region, usage_date, model, token_class, route_class, endpoint, caller
HAVING abs(sum(attributed) + sum(explained) - sum(bill)) > 1e-6
ORDER BY abs(sum(attributed) + sum(explained) - sum(bill)) DESC, account_id, region, usage_date
