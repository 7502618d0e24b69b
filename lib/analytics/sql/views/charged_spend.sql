-- Question: what is each value of a key charged, once what many share is split between them?
-- Inputs:   attributed_spend, the rules for shared costs
-- Output:   per billing period, attribution key and value: what it spent itself, what it received and what it gave away by the rules, and
--           the sum that it is charged. Per period and key the charges add up to what was billed; NULL stands for what no value explains.
--           What nobody can take a share of stays where it was spent.
WITH rules AS (
  SELECT * FROM (VALUES ('', '', '', false)
    -- for each shared cost
    , ({key}, {source}, '{method}', {has_targets})
    -- end
  ) AS rule (attribution_key, source, method, has_targets)
),
named AS (
  SELECT * FROM (VALUES ('', '', '', 0e0)
    -- for each share
    , ({key}, {source}, {target}, {weight})
    -- end
  ) AS share (attribution_key, source, target, weight)
),
own AS (
  SELECT
    billing_period, asked.attribution_key,
    CASE asked.attribution_key
      -- for each spend key
      WHEN '{key}' THEN {key}
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END AS key_value,
    sum(billed_usd) AS own_usd
  FROM attributed_spend
  CROSS JOIN (VALUES ('')
    -- for each spend key
    , ('{key}')
    -- end
  ) AS asked (attribution_key)
  WHERE asked.attribution_key <> ''
  GROUP BY
    billing_period, asked.attribution_key,
    CASE asked.attribution_key
      -- for each spend key
      WHEN '{key}' THEN {key}
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END
),
-- whoever may take a share: the values that a rule names, and otherwise all that spent something and are not shared themselves
weighed AS (
  SELECT
    shared.billing_period, rules.attribution_key, rules.source, shared.own_usd AS source_usd, named.target,
    CASE rules.method WHEN 'fixed' THEN named.weight WHEN 'even' THEN 1e0 ELSE coalesce(target.own_usd, 0e0) END AS weight
  FROM rules
  JOIN own shared ON shared.attribution_key = rules.attribution_key AND shared.key_value = rules.source
  JOIN named ON named.attribution_key = rules.attribution_key AND named.source = rules.source
  LEFT JOIN own target ON target.attribution_key = rules.attribution_key AND target.key_value = named.target
    AND coalesce(target.billing_period, '') = coalesce(shared.billing_period, '')
  WHERE rules.has_targets
  UNION ALL
  SELECT
    shared.billing_period, rules.attribution_key, rules.source, shared.own_usd, target.key_value,
    CASE rules.method WHEN 'even' THEN 1e0 ELSE target.own_usd END
  FROM rules
  JOIN own shared ON shared.attribution_key = rules.attribution_key AND shared.key_value = rules.source
  JOIN own target ON target.attribution_key = rules.attribution_key AND target.key_value IS NOT NULL
    AND coalesce(target.billing_period, '') = coalesce(shared.billing_period, '')
  LEFT JOIN rules other ON other.attribution_key = target.attribution_key AND other.source = target.key_value
  WHERE NOT rules.has_targets AND other.source IS NULL AND target.own_usd > 0e0
),
-- a negative weight, as of somebody who was given more back than he spent, takes no share
shares AS (
  SELECT
    billing_period, attribution_key, source, target,
    source_usd * weight / sum(weight) OVER (PARTITION BY billing_period, attribution_key, source) AS usd
  FROM weighed
  WHERE weight > 0e0
),
flows AS (
  SELECT billing_period, attribution_key, key_value, own_usd, 0e0 AS received_usd, 0e0 AS given_usd FROM own
  UNION ALL
  SELECT billing_period, attribution_key, target, 0e0, usd, 0e0 FROM shares
  UNION ALL
  SELECT billing_period, attribution_key, source, 0e0, 0e0, usd FROM shares
)
SELECT
  billing_period,
  attribution_key,
  key_value,
  sum(own_usd) AS own_usd,
  sum(received_usd) AS received_usd,
  sum(given_usd) AS given_usd,
  sum(own_usd) + sum(received_usd) - sum(given_usd) AS charged_usd
FROM flows
GROUP BY billing_period, attribution_key, key_value
