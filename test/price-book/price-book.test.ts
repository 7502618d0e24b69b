import { PriceBook, type PriceLookup } from '../../lib/price-book';

const MODEL = 'anthropic.claude-sonnet-4-6';
const CALL: PriceLookup = { model: MODEL, region: 'eu-west-1', route: 'regional', tokenType: 'input', at: '2026-10-15T12:00:00Z' };

type Row = Record<string, string | number | null>;

function entry(fields: Row = {}): Row {
  return { model: MODEL, token_type: 'input', usd: 3, ...fields };
}

function bookOf(...entries: Row[]): PriceBook {
  return PriceBook.fromJson(JSON.stringify({ retrieved: '2026-10-08', entries }));
}

describe('a lookup', () => {
  test('answers undefined, not zero, for a model without a price', () => {
    expect(bookOf(entry()).price({ ...CALL, model: 'amazon.nova-lite-v1:0' })).toBeUndefined();
  });

  test.each([['token type', { tokenType: 'output' }], ['tier', { tier: 'batch' }]])('answers undefined for another %s', (_name, change) => {
    expect(bookOf(entry()).price({ ...CALL, ...change })).toBeUndefined();
  });

  test('answers zero where the price is zero', () => {
    expect(bookOf(entry({ token_type: 'cache_write_5m', usd: 0 })).price({ ...CALL, tokenType: 'cache_write_5m' })?.usd).toBe(0);
  });

  test('prefers the Region of the call to every Region', () => {
    expect(bookOf(entry({ region: 'eu-west-1', usd: 4 }), entry()).price(CALL)?.usd).toBe(4);
  });

  test('does not take the price of another Region', () => {
    expect(bookOf(entry({ region: 'us-east-1' })).price(CALL)).toBeUndefined();
  });

  test('takes the price of the geography that the profile names, and of no other', () => {
    const book = bookOf(entry({ region: 'eu', route: 'geo', usd: 5 }), entry({ region: 'us', route: 'geo', usd: 6 }));
    expect(book.price({ ...CALL, route: 'geo', geography: 'eu' })?.usd).toBe(5);
    expect(book.price({ ...CALL, route: 'geo' })).toBeUndefined();
  });

  test('prefers the Region of a geographic call to its geography, even on the regional route', () => {
    const book = bookOf(entry({ region: 'eu', route: 'geo', usd: 5 }), entry({ region: 'eu-west-1', usd: 4 }));
    expect(book.price({ ...CALL, route: 'geo', geography: 'eu' })?.usd).toBe(4);
  });

  test('prefers the geographic price of a Region to its regional one for a geographic call', () => {
    const book = bookOf(entry({ region: 'eu-west-1', route: 'geo', usd: 5 }), entry({ region: 'eu-west-1', usd: 4 }));
    expect(book.price({ ...CALL, route: 'geo' })?.usd).toBe(5);
  });

  test('falls back from geo to regional, never from global', () => {
    const book = bookOf(entry());
    expect(book.price({ ...CALL, route: 'geo' })?.usd).toBe(3);
    expect(book.price({ ...CALL, route: 'global' })).toBeUndefined();
  });

  test('does not give a regional call a geographic or global price', () => {
    expect(bookOf(entry({ route: 'geo' }), entry({ route: 'global' })).price(CALL)).toBeUndefined();
  });

  test.each([
    ['2026-09-30T23:59:59Z', 3],
    ['2026-10-01T00:00:00Z', 4],
    ['2026-10-01T01:00:00+02:00', 3],
    ['2026-10-31T23:59:59Z', 4],
    ['2026-10-31T23:59:59.999', 4],
    ['2026-10-01T00:00:00', 4],
    ['2026-11-01T00:00:00Z', 3],
  ])('at %s takes the price that held then, by the day in UTC', (at, usd) => {
    const book = bookOf(entry(), entry({ usd: 4, effective_from: '2026-10-01', effective_to: '2026-11-01' }));
    expect(book.price({ ...CALL, at })?.usd).toBe(usd);
  });

  test.each([[undefined, 3], [200_000, 3], [200_001, 6]])('with a prompt of %s tokens takes the price for that length', (promptTokens, usd) => {
    const book = bookOf(entry({ usd: 6, context_threshold_tokens: 200_000 }), entry({ region: 'eu-west-1' }));
    expect(book.price({ ...CALL, promptTokens })?.usd).toBe(usd);
  });

  test('fails on a time that is none', () => {
    expect(() => bookOf(entry()).price({ ...CALL, at: 'yesterday' })).toThrow(/at is "yesterday", allowed is an ISO 8601 date-time/);
  });
});

describe('overrides', () => {
  test('win over more specific entries of the shipped book', () => {
    const book = bookOf(entry({ region: 'eu-west-1', effective_from: '2026-01-01' })).withOverrides(bookOf(entry({ usd: 1 })));
    expect(book.price(CALL)?.usd).toBe(1);
  });

  test('win over earlier overrides', () => {
    const book = bookOf(entry()).withOverrides(bookOf(entry({ region: 'eu-west-1', usd: 2 }))).withOverrides(bookOf(entry({ usd: 1 })));
    expect(book.price(CALL)?.usd).toBe(1);
  });

  test('leave prices alone that they do not name', () => {
    const book = bookOf(entry(), entry({ token_type: 'output', usd: 15 })).withOverrides(bookOf(entry({ usd: 1 })));
    expect(book.price({ ...CALL, tokenType: 'output' })?.usd).toBe(15);
  });

  test('take the discounts of their file off the shipped prices only', () => {
    const overrides = PriceBook.fromJson(JSON.stringify({ entries: [entry({ usd: 1 })], discounts: [{ fraction: 0.1 }] }));
    const book = bookOf(entry(), entry({ token_type: 'output', usd: 15 })).withOverrides(overrides);
    expect(book.price(CALL)?.usd).toBe(1);
    expect(book.price({ ...CALL, tokenType: 'output' })?.usd).toBe(13.5);
  });

  test('leave the book that they are laid over as it was', () => {
    const book = bookOf(entry());
    book.withOverrides(bookOf(entry({ usd: 1 })));
    expect(book.price(CALL)?.usd).toBe(3);
  });
});

describe('a discount', () => {
  const book = bookOf(entry(), entry({ route: 'global', usd: 2 }), entry({ region: 'eu-west-1', usd: 4 }), entry({ model: 'amazon.nova-lite-v1:0', usd: 1 }));

  test.each([
    [{ fraction: 0.5 }, [1.5, 1, 2, 0.5]],
    [{ fraction: 0.5, model: MODEL }, [1.5, 1, 2, 1]],
    [{ fraction: 0.5, region: 'eu-west-1' }, [3, 2, 2, 1]],
    [{ fraction: 0.5, route: 'global' }, [3, 1, 4, 1]],
    [{ fraction: 1, model: MODEL, region: '*', route: 'regional' }, [0, 2, 4, 1]],
  ])('of %j reduces what it names', (discount, usd) => {
    expect(book.withDiscount(discount).entries.map(item => item.usd)).toEqual(usd);
  });

  test('gives prices without the dust of floating point', () => {
    expect(bookOf(entry({ usd: 3.3 })).withDiscount({ fraction: 0.9 }).entries[0].usd).toBe(0.33);
  });

  test.each([-0.1, 1.1, Number.NaN])('fails for the fraction %s', fraction => {
    expect(() => book.withDiscount({ fraction })).toThrow(/fraction is .*, allowed is a number from 0 to 1/);
  });

  test('fails when it matches no price', () => {
    expect(() => book.withDiscount({ fraction: 0.1, model: 'anthropic.claude-sonet' })).toThrow(/matches no price: .*claude-sonet/);
  });
});

test('the rows of the table carry every field, and the layer as precedence', () => {
  const book = bookOf(entry({ source: 'list' })).withOverrides(bookOf(entry({ region: 'eu-west-1', usd: 1, effective_from: '2026-10-01' })));
  expect(book.toNdjson().trimEnd().split('\n').map(line => JSON.parse(line) as Row)).toEqual([
    {
      model: MODEL, region: '*', route: 'regional', tier: 'standard', token_type: 'input', unit: '1M tokens', usd: 3, context_threshold_tokens: null,
      effective_from: null, effective_to: null, source: 'list', retrieved: '2026-10-08', confidence: null, precedence: 0,
    },
    {
      model: MODEL, region: 'eu-west-1', route: 'regional', tier: 'standard', token_type: 'input', unit: '1M tokens', usd: 1, context_threshold_tokens: null,
      effective_from: '2026-10-01', effective_to: null, source: 'user-supplied', retrieved: '2026-10-08', confidence: null, precedence: 1,
    },
  ]);
});
