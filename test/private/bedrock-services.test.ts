import { bedrockServiceNames } from '../../lib/private/bedrock-services';

test('Bedrock is a service of its own and one for each model that is sold through AWS Marketplace', () => {
  const names = bedrockServiceNames();
  expect(names).toEqual(expect.arrayContaining(['Amazon Bedrock', 'Amazon Bedrock Service', 'Claude Sonnet 4.5 (Amazon Bedrock Edition)']));
  expect(names.filter(name => !name.startsWith('Amazon Bedrock')).every(name => name.endsWith(' (Amazon Bedrock Edition)'))).toBe(true);
});

test('no name is there twice, and the order is always the same', () => {
  const names = bedrockServiceNames();
  expect(names).toEqual([...new Set(names)].sort());
});
