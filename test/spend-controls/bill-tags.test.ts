import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { billedKeyNames, billTags } from '../../lib/spend-controls/bill-tags';

const schema = new AttributionSchema({
  version: 2,
  keys: [
    AttributionKey.of('team', { description: 'Team.', required: true, spellings: { principalTag: 'Team', sessionTag: 'tenantTeam', resourceTag: 'CostTeam' } }),
    AttributionKey.of('squad', { description: 'Former team.', deprecatedInFavourOf: 'team' }),
    AttributionKey.of('account_code', { description: 'On roles only.', carriers: [Carrier.PRINCIPAL_TAG] }),
    AttributionKey.REQUEST_ID,
  ],
});

test('a key is told by its own spellings on every carrier, and then by those of the key that it replaced', () => {
  expect(billTags(schema, 'team')).toEqual({
    principal: ['iamPrincipal/Team', 'iamPrincipal/tenantTeam', 'iamPrincipal/squad'],
    resource: ['CostTeam', 'squad'],
  });
});

test('a key of principals only is told by no resource', () => {
  expect(billTags(schema, 'account_code')).toEqual({ principal: ['iamPrincipal/account_code'], resource: [] });
});

test.each(['request_id', 'squad', 'unknown'])('the key %s is told by nothing of its own', name => {
  expect(billTags(schema, name)).toEqual({ principal: [], resource: [] });
});

test('the bill can tell the keys in use that ride on a tag', () => {
  expect(billedKeyNames(schema)).toEqual(['team', 'account_code']);
});
