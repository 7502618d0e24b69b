import { App, Stack } from 'aws-cdk-lib';
import { SharedCost } from '../../lib/analytics';
import { makeCatalog } from '../support/make-catalog';

function share(...sharedCosts: SharedCost[]): void {
  makeCatalog(new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } }), { sharedCosts });
}

const platform = { key: 'team', source: 'platform' };

test.each([
  ['proportional', SharedCost.proportional(platform)],
  ['proportional between some', SharedCost.proportional({ ...platform, targets: ['payments'] })],
  ['even', SharedCost.even(platform)],
  ['even between some', SharedCost.even({ ...platform, targets: ['payments', 'search'] })],
  ['fixed', SharedCost.fixedShares({ ...platform, shares: { payments: 33.3, search: 66.7 } })],
])('takes a %s rule', (_, rule) => {
  expect(() => { share(rule); }).not.toThrow();
});

test('the same value of two keys may be shared', () => {
  expect(() => { share(SharedCost.even(platform), SharedCost.even({ key: 'service', source: 'platform' })); }).not.toThrow();
});

test.each([
  ['a key that the schema does not have', [SharedCost.even({ key: 'tema', source: 'a' })], 'sharedCosts[0].key is "tema": use one of the spendKeys, team, service'],
  ['a key of which dollars are not split by', [SharedCost.even({ key: 'request_id', source: 'a' })], 'sharedCosts[0].key is "request_id"'],
  ['an empty source', [SharedCost.even({ key: 'team', source: '' })], 'sharedCosts[0].source is empty'],
  ['two rules for a value', [SharedCost.even(platform), SharedCost.proportional(platform)], 'sharedCosts[1] shares team "platform" once more: keep one rule'],
  ['nobody who takes a share', [SharedCost.even({ ...platform, targets: [] })], 'sharedCosts[0] names nobody who takes a share'],
  ['a share of its own', [SharedCost.even({ ...platform, targets: ['platform'] })], 'sharedCosts[0] gives a share to "platform", whose costs are shared themselves'],
  [
    'a share for a value that is shared',
    [SharedCost.even({ ...platform, targets: ['security'] }), SharedCost.even({ key: 'team', source: 'security' })],
    'sharedCosts[0] gives a share to "security", whose costs are shared themselves',
  ],
  ['somebody twice', [SharedCost.even({ ...platform, targets: ['a', 'a'] })], 'sharedCosts[0] names "a" twice'],
  ['less than everything', [SharedCost.fixedShares({ ...platform, shares: { a: 50, b: 49.9 } })], 'the percentages of sharedCosts[0] add up to 99.9'],
  ['a share of nothing', [SharedCost.fixedShares({ ...platform, shares: { a: 100, b: 0 } })], 'sharedCosts[0] gives "b" 0 percent: use more than 0'],
  ['a share that is no number', [SharedCost.fixedShares({ ...platform, shares: { a: 100, b: NaN } })], 'sharedCosts[0] gives "b" NaN percent'],
])('fails for %s', (_, rules, message) => {
  expect(() => { share(...rules); }).toThrow(message);
});

test('fails with all problems at once', () => {
  expect(() => { share(SharedCost.even({ key: 'tema', source: '', targets: [] })); }).toThrow('the attribution catalog has 3 problems');
});
