import { PriceBook } from '../../lib/price-book';

const ENTRY = { model: 'amazon.nova-lite-v1:0', token_type: 'input', usd: 0.06 };

function read(file: unknown): PriceBook {
  return PriceBook.fromJson(JSON.stringify(file));
}

test('an entry needs a model, a token type and a price; the rest has defaults', () => {
  expect(read({ entries: [ENTRY] }).entries[0]).toEqual({
    model: 'amazon.nova-lite-v1:0', region: '*', route: 'regional', tier: 'standard', tokenType: 'input', unit: '1M tokens', usd: 0.06, source: 'user-supplied',
  });
});

test('an entry takes source and date from the file unless it has its own', () => {
  const file = { source: 'contract', retrieved: '2026-11-01', entries: [ENTRY, { ...ENTRY, tier: 'batch', source: 'mail', retrieved: '2026-11-02' }] };
  expect(read(file).entries.map(({ source, retrieved }) => [source, retrieved])).toEqual([['contract', '2026-11-01'], ['mail', '2026-11-02']]);
});

test.each([
  ['image', 'image'], ['video', 'second'], ['audio', 'second'], ['search', 'search_unit'], ['model_unit', 'hour'],
])('what is not priced by token has a unit of its own: %s by the %s', (tokenType, unit) => {
  expect(read({ entries: [{ ...ENTRY, token_type: tokenType, tier: 'reserved' }] }).entries[0]).toMatchObject({ tokenType, unit });
  expect(() => read({ entries: [{ ...ENTRY, token_type: tokenType, unit: '1M tokens' }] })).toThrow(`${unit} for ${tokenType}`);
});

test('the book is as old as the file says, else as its newest entry', () => {
  const entries = [{ ...ENTRY, retrieved: '2026-10-01' }, { ...ENTRY, tier: 'batch', retrieved: '2026-10-02' }];
  expect(read({ retrieved: '2026-10-08', entries }).retrieved).toBe('2026-10-08');
  expect(read({ entries }).retrieved).toBe('2026-10-02');
  expect(read({ entries: [ENTRY] }).retrieved).toBeUndefined();
});

test.each([
  ['model', ''], ['model', 7], ['model', undefined], ['model', 'us.amazon.nova-lite-v1:0'], ['model', 'arn:aws:bedrock:us-east-1::foundation-model/x'],
  ['region', 'unspecified-region'], ['region', 'US-EAST-1'], ['region', 'us'],
  ['route', 'cross'], ['tier', 'gold'], ['token_type', 'cache_write'], ['token_type', undefined], ['unit', '1K tokens'],
  ['usd', -0.01], ['usd', '3'], ['usd', undefined],
  ['context_threshold_tokens', 0], ['context_threshold_tokens', 1.5],
  ['effective_from', '2026-13-01'], ['effective_from', '2026-02-30'], ['effective_to', 'soon'], ['retrieved', '08.10.2026'],
  ['source', ''], ['confidence', 5],
])('fails for %s %j and says what is allowed', (field, value) => {
  expect(() => read({ entries: [ENTRY, { ...ENTRY, tier: 'batch', [field]: value }] })).toThrow(new RegExp(`entries\\[1\\]: ${field} is .*, allowed is `));
});

test('fails when a price ends before it starts', () => {
  expect(() => read({ entries: [{ ...ENTRY, effective_from: '2026-10-01', effective_to: '2026-10-01' }] })).toThrow(/effective_to is "2026-10-01", allowed is a day after 2026-10-01/);
});

test('fails with all problems of a file at once', () => {
  const file = { entries: [{ ...ENTRY, usd: -1 }, { ...ENTRY, route: 'cross' }], discounts: [{ fraction: 2 }] };
  expect(() => read(file)).toThrow(/3 problems:[^]*entries\[0\]: usd[^]*entries\[1\]: route[^]*discounts\[0\]: fraction/);
});

test('fails for fields that it does not know, which are misspelled ones', () => {
  expect(() => read({ entries: [{ ...ENTRY, usd_per_million: 3 }] })).toThrow(/entries\[0\] has the unknown field "usd_per_million": allowed are model, /);
  expect(() => read({ prices: [] })).toThrow(/the file has the unknown field "prices"/);
});

test('fails for two prices of the same thing from the same day', () => {
  expect(() => read({ entries: [ENTRY, { ...ENTRY, usd: 1 }] })).toThrow(/entries\[1\] prices the same as entries\[0\]/);
});

test.each([['{', /it is not JSON/], ['[]', /it is \[\], allowed is an object/], ['{"entries":{}}', /entries is {}, allowed is a list/], ['{"entries":[1]}', /entries\[0\] is 1, allowed is an object/]])(
  'fails for the text %s', (text, message) => {
    expect(() => PriceBook.fromJson(text)).toThrow(message);
  });

test.each([[-0.1], [1.1], ['half'], [undefined]])('fails for a discount of %j', fraction => {
  expect(() => read({ discounts: [{ fraction }] })).toThrow(/discounts\[0\]: fraction is .*, allowed is a number from 0 to 1/);
});
