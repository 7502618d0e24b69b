import { allOf, anyOf, costCategory, dimension, not, tag, tagAbsent, withApiNames } from '../../lib/spend-controls/filter-expression';

const bedrock = dimension('SERVICE', ['Amazon Bedrock']);

test('one expression needs no operator around it', () => {
  expect(allOf(bedrock)).toEqual(bedrock);
  expect(anyOf(bedrock)).toEqual(bedrock);
});

test('each node has one operator', () => {
  expect(allOf(bedrock, anyOf(tag('team', ['a']), not(tagAbsent('squad'))))).toEqual({
    and: [
      { dimensions: { key: 'SERVICE', values: ['Amazon Bedrock'], matchOptions: ['EQUALS'] } },
      { or: [{ tags: { key: 'team', values: ['a'], matchOptions: ['EQUALS'] } }, { not: { tags: { key: 'squad', matchOptions: ['ABSENT'] } } }] },
    ],
  });
});

test('names become those of the API, values stay as they are', () => {
  expect(withApiNames(allOf(bedrock, costCategory('team', ['x', 'and'])))).toEqual({
    And: [
      { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock'], MatchOptions: ['EQUALS'] } },
      { CostCategories: { Key: 'team', Values: ['x', 'and'], MatchOptions: ['EQUALS'] } },
    ],
  });
});
