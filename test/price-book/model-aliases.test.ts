import { ModelAliases } from '../../lib/price-book';

const ROW = { kind: 'usage_type', alias: 'Qwen3-32B', model: 'qwen.qwen3-32b-v1:0' };

function read(...entries: object[]): ModelAliases {
  return ModelAliases.fromJson(JSON.stringify({ entries }));
}

test.each(['Qwen3-32B', 'qwen3-32b', 'QWEN3-32B'])('the name %s is known in any letter case', alias => {
  expect(read(ROW).resolve('usage_type', alias)).toBe('qwen.qwen3-32b-v1:0');
});

test('a name is known only as the kind that it is listed for', () => {
  expect(read(ROW).resolve('product_name', 'Qwen3-32B')).toBeUndefined();
});

test('the rows of the table are kind, alias in lower case, and model as it is', () => {
  expect(read({ ...ROW, model: 'Qwen.X', source: 'somewhere' }).toNdjson()).toBe('{"kind":"usage_type","alias":"qwen3-32b","model":"Qwen.X"}\n');
});

test('a name on top takes the place of that of the same kind, in whatever letter case', () => {
  const other = { ...ROW, kind: 'product_model' };
  const aliases = read(ROW, other).withOverrides(read({ ...ROW, alias: 'QWEN3-32b', model: 'qwen.mine' }, { ...ROW, alias: 'new', model: 'qwen.new' }));
  expect(['Qwen3-32B', 'New'].map(alias => aliases.resolve('usage_type', alias))).toEqual(['qwen.mine', 'qwen.new']);
  expect(aliases.resolve('product_model', 'Qwen3-32B')).toBe(ROW.model);
  expect(aliases.toNdjson().trimEnd().split('\n')).toHaveLength(3);
});

test('nothing on top changes nothing', () => {
  expect(read(ROW).withOverrides(read()).toNdjson()).toBe(read(ROW).toNdjson());
});

test('fails for every row that lacks something', () => {
  expect(() => read({ ...ROW, kind: 'sku' }, { ...ROW, alias: '' }, { ...ROW, model: 7 })).toThrow(
    /3 problems:[^]*entries\[0\]: kind is "sku", allowed is one of log_model_id[^]*entries\[1\]: alias is ""[^]*entries\[2\]: model is 7/);
});

test('fails for a name that is listed twice, in whatever case', () => {
  expect(() => read(ROW, { ...ROW, alias: 'qwen3-32b' })).toThrow(/entries\[1\] names "qwen3-32b" again, as entries\[0\] does/);
});

test.each([
  ['{}', /entries is null, allowed is a list/],
  ['{', /the alias file has 1 problem:\s+- it is not JSON/],
  ['null', /it is null, allowed is an object with a list named entries/],
  ['{"entries":[null,7]}', /2 problems:[^]*entries\[0\] is null[^]*entries\[1\] is 7, allowed is an object/],
])('fails for the text %s', (text, message) => {
  expect(() => ModelAliases.fromJson(text)).toThrow(message);
});
