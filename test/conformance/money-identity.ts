import type { World } from './lake/world';

const BUCKET = 'account_id, region, usage_date, model, token_class, route_class, endpoint, caller';
const BILLED = BUCKET.replace('route_class', `coalesce(route, 'other') AS route_class`);

/**
 * Throws unless, on both engines and for every key, the dollars that have a value of the key and those that have a reason why not are what
 * was billed, to a millionth of a dollar in each billing bucket.
 */
export async function expectMoneyIdentity(world: World, keys: readonly string[]): Promise<void> {
  const [{ billed }] = await world.expectSame('SELECT sum(billed_usd) AS billed FROM billed_usage WHERE NOT is_adjustment');
  expect(billed).toBeGreaterThan(0);
  const each = (expression: (key: string) => string): string => keys.map(key => ` WHEN '${key}' THEN ${expression(key)}`).join('');
  const asked = `(VALUES ${keys.map(key => `('${key}')`).join(', ')}) AS asked (attribution_key)`;
  expect(await world.expectSame(`SELECT attribution_key, ${BUCKET}, sum(usd) AS off FROM (
      SELECT asked.attribution_key, ${BILLED}, billed_usd AS usd FROM billed_usage CROSS JOIN ${asked} WHERE NOT is_adjustment
      UNION ALL
      SELECT asked.attribution_key, ${BUCKET}, -billed_usd FROM attributed_spend CROSS JOIN ${asked}
      WHERE CASE asked.attribution_key${each(key => `${key} IS NOT NULL`)} END
      UNION ALL
      SELECT attribution_key, ${BUCKET}, -unattributed_usd FROM unattributed_spend WHERE attribution_key IN (${keys.map(key => `'${key}'`).join(', ')})
    ) AS parts GROUP BY attribution_key, ${BUCKET} HAVING abs(sum(usd)) > 1e-6`)).toEqual([]);
  const [{ listed }] = await world.expectSame(`SELECT count(DISTINCT attribution_key) AS listed FROM unattributed_spend`);
  expect(listed).toBe(keys.length);
}
