import { ModelAliases } from '../../lib/price-book';
import { aliasTable, withAliases } from '../../lib/price-book/price-list-names';

const file = (...entries: [string, string, string][]): string =>
  JSON.stringify({ entries: entries.map(([kind, alias, model]) => ({ kind, alias, model })) });
const SHIPPED = file(['product_model', 'Nova Micro', 'amazon.nova-micro-v1:0'], ['usage_type', 'Nova Micro', 'amazon.nova-micro-v1:0']);

test('an alias on top takes the place of that of the same kind, in whatever letter case', () => {
  const aliases = ModelAliases.fromJson(withAliases(SHIPPED, file(['product_model', 'nova MICRO', 'amazon.nova-mini'])));
  expect([aliases.resolve('product_model', 'Nova Micro'), aliases.resolve('usage_type', 'Nova Micro')]).toEqual(['amazon.nova-mini', 'amazon.nova-micro-v1:0']);
});

test('a file with nothing on top changes nothing', () => {
  expect(withAliases(SHIPPED, file())).toBe(SHIPPED);
});

test('the table has the names in lower case, and models as they are', () => {
  expect(aliasTable(file(['log_model_id', 'Some.Model-V1', 'Some.Model-V1:0']))).toBe('{"kind":"log_model_id","alias":"some.model-v1","model":"Some.Model-V1:0"}\n');
});

test.each([[SHIPPED, '[]'], ['{}', file()]])('fails on a file that is none', (shipped, given) => {
  expect(() => withAliases(shipped, given)).toThrow('the alias file has 1 problem');
});
