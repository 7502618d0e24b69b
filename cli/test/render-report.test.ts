import Table from 'cli-table3';
import fc from 'fast-check';
import { displayWidth, dollars, keyLabel, percent, terminalText, truncate, usd, wrap } from '../src/report/format';
import { renderCsv } from '../src/report/render-csv';
import { renderHtml } from '../src/report/render-html';
import { renderJson } from '../src/report/render-json';
import { renderTable } from '../src/report/render-table';
import { REMAINDER_REASONS, type Report, type ReportDetails, type ReportGroup } from '../src/report/report-contract';

const NASTY = [
  '<script>alert(1)</script>', '\u001B[31mred\u001B[0m', '漢字のとても長いサービス名前', '🚀👩‍👩‍👧 rockets',
  '"><img src=x onerror=alert(1)>', '=1+1', 'a\nb\tc', '\u202Eright', '\u009B2J',
  '(none)', '', 'e\u0301', 'x'.repeat(300), 'url(#zr0-p0)',
];
const text = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));
const key = fc.option(text, { nil: null });
const amount = fc.oneof(fc.constantFrom(0, 0.001, 12_345_678.9, 1e21), fc.double({ min: -1e6, max: 1e9, noNaN: true }));
const money = fc.option(amount, { nil: null });
const whole = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));

const names = fc.uniqueArray(fc.oneof(fc.constantFrom('team', 'service', 'env'), text), { maxLength: 7 });

const report: fc.Arbitrary<Report> = names.chain((by) => fc.record({
  period: fc.record({ from: fc.constantFrom(null, '2026-10-01'), to: fc.constantFrom(null, '2026-10-31') }),
  by: fc.constant(by),
  as_of: fc.constantFrom('2026-11-05T00:00:00.000Z', '<b>'),
  totals: fc.record({
    requests: whole, failed_requests: whole, blocked_requests: whole, partial_requests: whole,
    duplicate_records: whole, malformed_lines: whole,
    input_tokens: whole, output_tokens: whole, cache_read_tokens: whole, cache_write_tokens: whole,
    estimated_usd: money, unpriced_requests: whole, billed_usd: money, attributed_usd: money,
    unattributed_usd: money, adjustments_usd: money,
  }),
  groups: fc.array(fc.record({
    keys: fc.tuple(...by.map(() => key)).map((values) => Object.fromEntries(by.map((name, index) => [name, values[index]]))),
    requests: whole, input_tokens: whole, output_tokens: whole, cache_read_tokens: whole, cache_write_tokens: whole,
    estimated_usd: money, billed_usd: money, enforced_usd: money, declared_usd: money,
  }), { maxLength: 40 }),
  unattributed: fc.subarray([...REMAINDER_REASONS]).chain((reasons) =>
    fc.tuple(...reasons.map((reason) => amount.map((value) => ({ reason, usd: value }))))),
  coverage: fc.array(fc.record({
    account_id: key, region: key, status: fc.constantFrom('logged', 'partly_silent', 'silent', 'not_billed'),
    logged_requests: whole, billed_usd: money, silent_days: fc.option(whole, { nil: null }), silent_usd: money,
  }), { maxLength: 15 }),
  quality: fc.record({
    no_metadata: whole, schema_violations: whole, forged_claims: fc.option(whole, { nil: null }),
    tag_conflicts: whole,
    tag_spelling_variants: fc.array(text), unmapped_models: fc.array(text),
    malformed: fc.array(fc.record({ file: text, line: fc.option(whole, { nil: null }), why: text }), { maxLength: 15 }),
  }),
}) as fc.Arbitrary<Report>);

const detailsOf = ({ by }: Report): fc.Arbitrary<ReportDetails> => fc.record({
  daily: fc.array(fc.record({
    day: fc.oneof(fc.constantFrom('2026-10-01', '2026-10-09'), text),
    keys: fc.tuple(...by.map(() => key)).map((values) => Object.fromEntries(by.map((name, index) => [name, values[index]]))),
    usd: amount,
  }), { maxLength: 20 }),
  warnings: fc.array(text),
  forged: fc.array(fc.record({ caller: text, key: text, declared: text, enforced: text, requests: whole }), { maxLength: 15 }),
});
const both = report.chain((one) => fc.tuple(fc.constant(one), detailsOf(one)));

const group = (team: string | null, billed: number | null, estimated: number | null = billed): ReportGroup => ({
  keys: { team }, requests: 10, input_tokens: 1_000, output_tokens: 100, cache_read_tokens: 0, cache_write_tokens: 0,
  estimated_usd: estimated, billed_usd: billed, enforced_usd: billed === null ? null : team === null ? 0 : billed,
  declared_usd: billed === null ? null : 0,
});

function sample(overrides: Partial<Report> = {}, totals: Partial<Report['totals']> = {}): Report {
  return {
    period: { from: '2026-10-01', to: '2026-10-31' }, by: ['team'], as_of: '2026-11-05T00:00:00.000Z',
    totals: {
      requests: 30, failed_requests: 1, blocked_requests: 2, partial_requests: 3, duplicate_records: 4, malformed_lines: 5,
      input_tokens: 3_000, output_tokens: 300, cache_read_tokens: 0, cache_write_tokens: 0,
      estimated_usd: 100, unpriced_requests: 0, billed_usd: 1_234.5,
      attributed_usd: 1_000, unattributed_usd: 234.5, adjustments_usd: -5, ...totals,
    },
    groups: [group(null, 234.5), group('search', 999.996), group('legal', 0.004)],
    unattributed: [{ reason: 'no_metadata', usd: 34.5 }, { reason: 'region_not_logged', usd: 200 }],
    coverage: [{ account_id: '111122223333', region: 'us-east-1', status: 'silent', logged_requests: 0, billed_usd: 200, silent_days: 31, silent_usd: 200 }],
    quality: {
      no_metadata: 0, schema_violations: 0, forged_claims: 0, tag_conflicts: 0,
      tag_spelling_variants: [], unmapped_models: [], malformed: [],
    },
    ...overrides,
  };
}
const DETAILS: ReportDetails = {
  daily: [{ day: '2026-10-01', keys: { team: 'search' }, usd: 1 }, { day: '2026-10-03', keys: { team: null }, usd: 2 }],
  warnings: [],
  forged: [],
};
const billOnly = () => sample({ groups: [group('search', 5, null)] }, { requests: 0, estimated_usd: null });
const logsOnly = () => sample(
  { groups: [group('search', null, 5)], unattributed: [], coverage: [] },
  { billed_usd: null, attributed_usd: null, unattributed_usd: null, adjustments_usd: null },
);

describe('the table', () => {
  test('fits 100 columns whatever the values', () => {
    fc.assert(fc.property(both, ([one, details]) => {
      for (const line of renderTable(one, details).split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(100);
    }), { numRuns: 12 });
  });

  test('emits no control character of the data, and escapes of its own only with colour', () => {
    fc.assert(fc.property(both, ([one, details]) => {
      expect(renderTable(one, details).replaceAll('\n', '')).not.toMatch(/\p{C}/u);
      expect(renderTable(one, details, { colour: true }).replace(/\u001B\[(?:1|2|22|33|39)m/gu, '')).not.toMatch(/\u001B/u);
    }), { numRuns: 8 });
  });

  test('shows most dollars first, the absent key as (none) and less than a cent as such', () => {
    const lines = renderTable(sample(), DETAILS).split('\n');
    const at = (start: RegExp) => lines.findIndex((line) => start.test(line));
    expect(at(/^search .* 1,000\.00 /u)).toBeLessThan(at(/^\(none\) .* 234\.50 /u));
    expect(at(/^\(none\)/u)).toBeLessThan(at(/^legal .* <0\.01 /u));
    expect(at(/^Total .* 1,234\.50 +100\.0%$/u)).toBeGreaterThan(0);
  });

  test('says how many groups and dollars a cut list leaves out', () => {
    const groups = Array.from({ length: 40 }, (_, index) => group(`team-${index}`, index + 1));
    const table = renderTable(sample({ groups }, { billed_usd: 820 }), DETAILS);
    expect(table).toMatch(/^… 15 more .* 120\.00 /mu);
    expect(table).toMatch(/^Total .* 820\.00 +100\.0%$/mu);
  });

  test('names each reason with its dollars and what to do', () => {
    const table = renderTable(sample(), DETAILS);
    expect(table).toMatch(/^Region was not logged +200\.00 +16\.2% {2}No call of that account/mu);
    expect(table).toMatch(/^Total +234\.50 +19\.0%$/mu);
  });

  test('names the malformed lines and how many more there are', () => {
    const malformed = Array.from({ length: 14 }, (_, index) => ({ file: 'a.json', line: index + 1, why: 'not JSON' }));
    const table = renderTable(sample({ quality: { ...sample().quality, malformed } }), DETAILS);
    expect(table).toMatch(/^a\.json:10 +not JSON$/mu);
    expect(table).not.toContain('a.json:11');
    expect(table).toMatch(/^… 4 more$/mu);
  });

  test('has no billed figures with logs only', () => {
    const table = renderTable(logsOnly(), DETAILS);
    expect(table).not.toMatch(/Billed|unattributed /u);
    expect(table).toContain('invocation logs only, no bill');
    expect(table).toContain('Estimate $');
  });

  test('has no calls, tokens or estimate with a bill only', () => {
    const table = renderTable(billOnly(), DETAILS);
    expect(table).not.toMatch(/Tokens in|Estimate|Calls {2}/u);
    expect(table).toContain('bill only, no invocation logs');
  });

  test('calls no Region silent and no claim true when there are no logs', () => {
    const table = renderTable(billOnly(), DETAILS);
    expect(table).toContain('Needs invocation logs: without them every billed Region looks silent.');
    expect(table).toContain('Needs invocation logs: they hold what callers declare.');
    expect(table).not.toMatch(/Turn model invocation logging on|turn model invocation logging on|Schema violations|Duplicate records/u);
  });

  test('counts nothing of a bill with logs only', () => {
    expect(renderTable(logsOnly(), DETAILS)).not.toContain('Tag conflicts');
    expect(renderTable(sample(), DETAILS)).toMatch(/Duplicate records[^]*Tag conflicts/u);
  });

  test('does not praise a period without anything in it', () => {
    const nothing = { requests: 0, estimated_usd: 0, billed_usd: 0, attributed_usd: 0, unattributed_usd: 0 };
    const empty = sample({ groups: [], unattributed: [], coverage: [] }, nothing);
    const table = renderTable(empty, DETAILS);
    expect(table).toContain('No groups: no call and no bill line of Amazon Bedrock in this period.');
    expect(table).not.toContain('every billed');
  });

  test('says so when there is nothing', () => {
    const nothing = sample({ groups: [], unattributed: [], coverage: [] }, {
      requests: 0, estimated_usd: null, billed_usd: null, unattributed_usd: null,
    });
    expect(renderTable(nothing, { daily: [], warnings: [], forged: [] })).toContain('Neither calls nor bill lines');
  });

  test('says that forged claims were not checked when nothing says what is enforced', () => {
    expect(renderTable(sample({ quality: { ...sample().quality, forged_claims: null } }), DETAILS)).toContain('Not checked');
  });
});

describe('the page', () => {
  const ALLOWED = /<\/?(?:html|head|meta|title|style|body|header|h1|h2|p|main|ul|li|span|div|section|figure|svg|rect|path|text|g|defs|pattern|clipPath|polyline|table|thead|tbody|tfoot|tr|th|td|footer)(?=[\s>/])|<!DOCTYPE html>/gu;

  test('shows data as text only, in tables and charts', () => {
    fc.assert(fc.property(both, ([one, details]) => {
      const page = renderHtml(one, details);
      expect(page.replace(ALLOWED, '').match(/<[^\s]*/gu)).toBeNull();
      expect(page).not.toMatch(/<[^>]*[\s"]on[a-z]+="/iu);
      expect(page.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    }), { numRuns: 12 });
  });

  test('is the same bytes for the same report, however many charts were drawn before', () => {
    const first = renderHtml(sample(), DETAILS);
    renderHtml(logsOnly(), DETAILS);
    expect(renderHtml(sample(), DETAILS)).toBe(first);
  });

  test('has unique ids', () => {
    const ids = Array.from(renderHtml(sample(), DETAILS).matchAll(/ id="([^"]+)"/gu), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(5);
  });

  test('forbids scripts and network, and asks for neither', () => {
    const page = renderHtml(sample(), DETAILS);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`);
    expect(page.replaceAll(/xmlns(?::xlink)?="[^"]+"/gu, '')).not.toMatch(/https?:|<script|<link|@import|src=/u);
  });

  test('describes every chart in words and every header cell by its scope', () => {
    const page = renderHtml(sample(), DETAILS);
    expect(page.match(/<figure role="img" aria-label="[^"]{20,}"/gu)).toHaveLength(4);
    expect(page).not.toMatch(/<th(?! scope="(?:col|row)")[ >]/u);
    expect(page).toContain('<html lang="en">');
  });

  test('counts no silent Regions and no forged claims without logs', () => {
    const page = renderHtml(billOnly(), DETAILS);
    for (const name of ['Silent Regions', 'Forged claims']) {
      expect(page).toContain(`<li class="plain"><span class="name">${name}</span> <span class="value">–</span> <span class="more">no logs were given</span></li>`);
    }
  });

  test('shows a day without spend between two days with spend', () => {
    expect(renderHtml(sample(), DETAILS)).toMatch(/>10-02<\/text>/u);
  });

  test.each([['logs', logsOnly(), 3], ['a bill', billOnly(), 3]])('leaves out the charts it has no data for with %s only', (_, one, charts) => {
    expect(renderHtml(one, DETAILS).match(/<figure /gu)).toHaveLength(charts);
  });
});

describe('the JSON', () => {
  test('is the report, without a character that a terminal obeys', () => {
    fc.assert(fc.property(report, (one) => {
      expect(JSON.parse(renderJson(one))).toEqual(JSON.parse(JSON.stringify(one)));
      expect(renderJson(one).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }));
  });
});

describe('the CSV', () => {
  test('has a row per group under the keys and the fields, absent keys empty', () => {
    expect(renderCsv(sample()).split('\n').slice(0, 2)).toEqual([
      'team,requests,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,estimated_usd,billed_usd,enforced_usd,declared_usd',
      ',10,1000,100,0,0,234.5,234.5,0,0',
    ]);
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1'])('makes the formula %j inert', (formula) => {
    expect(renderCsv(sample({ groups: [group(formula, 1)] }))).toMatch(/\n"?'/u);
  });

  test('leaves negative numbers alone and tells an empty value from an absent one', () => {
    expect(renderCsv(sample({ groups: [group('', -1)] })).split('\n')[1]).toBe('"",10,1000,100,0,0,-1,-1,-1,0');
  });
});

describe('formats', () => {
  test.each([[null, '–'], [0, '$0.00'], [0.004, '<$0.01'], [-0.004, '>-$0.01'], [0.005, '$0.01'], [1_234_567.891, '$1,234,567.89'], [-12, '-$12.00']])('writes %p as %s', (value, expected) => {
    expect(dollars(value)).toBe(expected);
  });

  test.each([[999.99, 1_000, '>99.9%'], [1_000, 1_000, '100.0%'], [0.0001, 1_000, '<0.1%'], [0, 1_000, '0.0%'], [1, 0, '–'], [null, 1, '–']])('writes %p of %p as %s', (part, all, expected) => {
    expect(percent(part, all)).toBe(expected);
  });

  test('never shows an amount that is not zero as 0.00', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0), (value) => {
      expect(usd(value)).not.toMatch(/^-?0\.00$/u);
    }));
  });

  test('quotes values that look like labels of the report', () => {
    expect([keyLabel(null), keyLabel('(none)'), keyLabel(''), keyLabel('search')]).toEqual(['(none)', '"(none)"', '""', 'search']);
  });

  test('measures text as the table pads it', () => {
    fc.assert(fc.property(text.map(terminalText).filter((value) => value !== ''), (value) => {
      const drawn = new Table({ style: { 'padding-left': 0, 'padding-right': 0, 'head': [], 'border': [] } });
      drawn.push([value]);
      expect(displayWidth(value)).toBe(displayWidth(drawn.toString().split('\n')[0]) - 2);
    }), { numRuns: 500 });
  });

  test('cuts and wraps to the width, at either end', () => {
    fc.assert(fc.property(text.map(terminalText), fc.integer({ min: 3, max: 40 }), (value, width) => {
      expect(displayWidth(truncate(value, width))).toBeLessThanOrEqual(width);
      expect(displayWidth(truncate(value, width, 'start'))).toBeLessThanOrEqual(width);
      for (const line of wrap(value, width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(wrap(value, width).join('').replaceAll(' ', '')).toBe(value.replaceAll(' ', ''));
    }));
  });
});
