import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../src/engine/engine';
import type { SourceOptions } from '../src/sources/sources';
import { ACCOUNT, bca, type BillLine, record, ROLE_SESSION, temporaryFolder, withSources, writeBill, writeLogs } from './helpers/world';

const scratch = temporaryFolder();

afterAll(() => { scratch.remove(); });

type NamedLines = Readonly<Record<string, Omit<BillLine, 'usd'> & { usd?: number }>>;

/** Lines by the name that each is given, as the view shows them. */
async function billed(folder: string, lines: NamedLines, options: Partial<SourceOptions> = {}): Promise<Map<string, Row>> {
  const named = Object.entries(lines).map(([name, line]) => ({ usd: 1, ...line, tags: { ...line.tags, name } }));
  const bill = await writeBill(join(scratch.path, folder), named);
  return withSources({ bill: [bill], ...options }, async ({ engine }) =>
    new Map((await engine.rows(`SELECT *, element_at(tags, 'name') AS name FROM billed_usage`)).map(row => [String(row.name), row])));
}

const SONNET = 'anthropic.claude-sonnet-4-6';
const OPUS = 'anthropic.claude-opus-4-8';
const OSS = 'openai.gpt-oss-120b-1:0';
const NOVA = 'amazon.nova-2-lite-v1:0';
const K = '1K tokens';
const M = '1M tokens';
const UNITS = 'Units';
const NAMED = { product_name: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)' };
const NOTHING = {};

describe('a usage type', () => {
  // [usage type, unit, product map, model, token type, route, tier, endpoint, tokens of two units]
  type Grammar = [string, string, Readonly<Record<string, string>>, string, string, string | null, string, string, number];
  const TOKENS: Grammar[] = [
    ['USE1-Claude4.6Sonnet-input-tokens', K, NOTHING, SONNET, 'input', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-output-tokens', K, NOTHING, SONNET, 'output', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-cache-read-input-token-count', K, NOTHING, SONNET, 'cache_read', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-cache-write-input-token-count', K, NOTHING, SONNET, 'cache_write_5m', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-cache-write-input-token-count-1-hour', K, NOTHING, SONNET, 'cache_write_1h', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-cache-write-5m-input-token-count', K, NOTHING, SONNET, 'cache_write_5m', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-cache-write-30m-input-token-count', K, NOTHING, SONNET, 'cache_write_5m', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-output-tokens-cross-region-global', K, NOTHING, SONNET, 'output', 'global', 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-cache-write-input-token-count-cross-region-global', K, NOTHING, SONNET, 'cache_write_5m', 'global', 'standard', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-input-tokens-cross-region-global-batch', K, NOTHING, SONNET, 'input', 'global', 'batch', 'runtime', 2e3],
    ['USE1-Claude4.6Sonnet-input-tokens-batch', K, NOTHING, SONNET, 'input', null, 'batch', 'runtime', 2e3],
    ['USE1-gpt-oss-120b-output-tokens-priority', K, NOTHING, OSS, 'output', null, 'priority', 'runtime', 2e3],
    ['USE1-Nova2.0Lite-input-tokens-flex', K, NOTHING, NOVA, 'input', null, 'flex', 'runtime', 2e3],
    ['USE1-Nova2.0Lite-input-tokens-flex-cross-region-global', K, NOTHING, NOVA, 'input', 'global', 'flex', 'runtime', 2e3],
    ['USE1-Nova2.0Lite-output-tokens-priority-cross-region-global', K, NOTHING, NOVA, 'output', 'global', 'priority', 'runtime', 2e3],
    ['USE1-deepseek.v3.2-input-tokens', K, NOTHING, 'deepseek.v3.2', 'input', null, 'standard', 'runtime', 2e3],
    ['USE1-openai.gpt-oss-120b-mantle-input-tokens-standard', K, NOTHING, OSS, 'input', null, 'standard', 'mantle', 2e3],
    ['USE1-openai.gpt-oss-120b-mantle-output-tokens-standard', M, NOTHING, OSS, 'output', null, 'standard', 'mantle', 2e6],
    ['USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-standard', K, NOTHING, OPUS, 'cache_write_5m', null, 'standard', 'mantle', 2e3],
    ['USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-1h-standard', K, NOTHING, OPUS, 'cache_write_1h', null, 'standard', 'mantle', 2e3],
    ['USW2-anthropic.claude-opus-4-8-mantle-cache-read-tokens-standard', K, NOTHING, OPUS, 'cache_read', null, 'standard', 'mantle', 2e3],
    ['USE1-xai.grok-4.6-mantle-input-tokens-global-standard', K, NOTHING, 'xai.grok-4.6', 'input', 'global', 'standard', 'mantle', 2e3],
    ['USE1-MP:USE1_InputTokenCount-Units', UNITS, NAMED, SONNET, 'input', null, 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_OutputTokenCount-Units', M, NAMED, SONNET, 'output', null, 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_CacheReadInputTokenCount-Units', UNITS, NAMED, SONNET, 'cache_read', null, 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_CacheWriteInputTokenCount-Units', UNITS, NAMED, SONNET, 'cache_write_5m', null, 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units', UNITS, NAMED, SONNET, 'cache_write_1h', 'global', 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_InputTokenCount_Global-Units', UNITS, NAMED, SONNET, 'input', 'global', 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_InputTokenCount_Batch-Units', UNITS, NAMED, SONNET, 'input', null, 'batch', 'runtime', 2e6],
    ['USE1-MP:USE1_OutputTokenCount_Global_Batch-Units', UNITS, NAMED, SONNET, 'output', 'global', 'batch', 'runtime', 2e6],
    ['USE1-MP:USE1_InputTokenCount_LatencyOptimized-Units', UNITS, NAMED, SONNET, 'input', null, 'latency_optimized', 'runtime', 2e6],
    ['USE1-MP:USE1_MillionBatchInputTokens-Units', UNITS, NAMED, SONNET, 'input', null, 'batch', 'runtime', 2e6],
    ['USE1-MP:USE1_input_tokens_standard-Units', M, NAMED, SONNET, 'input', null, 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_output_tokens_global_standard-Units', M, NAMED, SONNET, 'output', 'global', 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_cache_read_tokens_standard-Units', M, NAMED, SONNET, 'cache_read', null, 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units', M, NAMED, SONNET, 'cache_write_1h', 'global', 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_cache_write_tokens_5m_standard-Units', M, NAMED, SONNET, 'cache_write_5m', null, 'standard', 'runtime', 2e6],
    ['USE1-MP:USE1_input_tokens_global_batch-Units', M, NAMED, SONNET, 'input', 'global', 'batch', 'runtime', 2e6],
    ['USE1-MP:USE1_input_tokens_standard-Units', M, { model: 'Claude Opus 4.8' }, OPUS, 'input', null, 'standard', 'runtime', 2e6],
    ['USE1-Claude4.6Sonnet-input-tokens', K, { model: 'Claude Opus 4.8', ...NAMED }, OPUS, 'input', null, 'standard', 'runtime', 2e3],
    ['USE1-CLAUDE4.6sonnet-input-tokens', K, NOTHING, SONNET, 'input', null, 'standard', 'runtime', 2e3],
    ['Claude4.6Sonnet-input-tokens', K, NOTHING, SONNET, 'input', null, 'standard', 'runtime', 2e3],
    ['USE1-Claude9.9Epic-input-tokens', K, NOTHING, 'Claude9.9Epic', 'input', null, 'standard', 'runtime', 2e3],
    ['USE1-MP:USE1_input_tokens_standard-Units', M, { product_name: 'Epic 9 (Amazon Bedrock Edition)' }, 'Epic 9 (Amazon Bedrock Edition)', 'input', null, 'standard', 'runtime', 2e6],
  ];
  const NOT_TOKENS: [string, string, string][] = [
    ['USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units', 'TPM-Hour', 'reserved tokens per minute'],
    ['USE1-MP:USE1_Reserved_1Month_OutputTPM-Units', UNITS, 'reserved tokens per minute under a plain unit'],
    ['USE1-NovaMicro-ProvisionedThroughput-ModelUnits', 'hours', 'provisioned throughput'],
    ['USE1-CustomModelImport-Inference-v1:0', 'CMU-Minutes', 'an imported model'],
    ['USE1-Customization-Storage-month', 'month', 'storage of a custom model'],
    ['USE1-Guardrail-ContentPolicyUnitsConsumed', 'TextUnits', 'a guardrail'],
    ['USE1-AmazonRerank-v1-search-units', 'search_units', 'search units'],
    ['USE1-NovaCanvas-T2I-1024-Standard', 'created_image', 'images'],
    ['USE1-TwelveLabs-inputVideoSecond', 'Second', 'seconds of video'],
    ['USE1-NovaSonic-audio-second', '1K seconds', 'seconds of audio'],
    ['USE1-BedrockFlows-InvokeFlow', 'NodeTransition', 'flows'],
    ['USE1-DataAutomation-pages', 'pages', 'data automation'],
    ['USE1-Runtime-Consumption-vCPU-Hours', 'vCPU-Hours', 'an agent runtime'],
  ];
  let rows: Map<string, Row>;

  beforeAll(async () => {
    rows = await billed('grammar', Object.fromEntries([
      ...TOKENS.map(([usageType, unit, product], index): [string, Omit<BillLine, 'usd'>] => [`tokens-${index}`, { usageType, unit, product, amount: 2 }]),
      ...NOT_TOKENS.map(([usageType, unit], index): [string, Omit<BillLine, 'usd'>] => [`other-${index}`, { usageType, unit, amount: 2 }]),
      ['thousand', { unit: K }], ['million', { unit: M }], ['units', { unit: UNITS }], ['single', { unit: 'tokens', amount: 5 }],
      ['described', { unit: 'per', description: 'USD 3.00 per Million Input Tokens' }], ['described-units', { unit: UNITS, description: 'AWS Marketplace: Million Input Tokens' }],
    ]));
  });

  test.each(TOKENS.map((row, index) => [index, ...row] as const))('%i: %s in %s of %j is %s %s', (index, _type, _unit, _product, model, token_type, route, tier, endpoint, tokens) => {
    const { tokens: found, ...row } = rows.get(`tokens-${index}`)!;
    expect(row).toMatchObject({ model, token_type, route, tier, endpoint, is_token_based: true, billed_usd: 1 });
    expect(found).toBeCloseTo(tokens, 6);
  });

  test.each(NOT_TOKENS.map((row, index) => [index, ...row] as const))('%i: %s in %s has no tokens: %s', (index) => {
    expect(rows.get(`other-${index}`)).toMatchObject({ token_type: null, tokens: null, endpoint: null, is_token_based: false, billed_usd: 1 });
  });

  test.each([
    ['1K tokens', 'thousand', 1e3],
    ['1M tokens', 'million', 1e6],
    ['Units', 'units', 1e6],
    ['tokens', 'single', 5],
    ['what the description calls million', 'described', 1e6],
    ['Units that the description calls million', 'described-units', 1e6],
  ])('in %s is counted in tokens', (_, name, tokens) => {
    expect(rows.get(name)).toMatchObject({ tokens });
  });

  test('of an unknown model is known to be unknown', () => {
    const unknown = [...rows.values()].filter(row => row.is_token_based === true && row.is_model_known === false).map(row => row.model);
    expect(unknown.sort()).toEqual(['Claude9.9Epic', 'Epic 9 (Amazon Bedrock Edition)']);
  });
});

describe('a bill line', () => {
  const EC2 = { productCode: 'AmazonEC2', productFamily: 'Compute Instance', usageType: 'BoxUsage:m5.large' };
  const MARKETPLACE = { productCode: '7zgyu5r4example', productFamily: null, billingEntity: 'AWS Marketplace', usageType: 'USE1-MP:USE1_InputTokenCount-Units', unit: UNITS };
  let rows: Map<string, Row>;

  beforeAll(async () => {
    rows = await billed('lines', {
      'family': { productCode: 'x' },
      ...Object.fromEntries(['AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore'].map(productCode => [productCode, { productCode, productFamily: null }])),
      'marketplace-name': { ...MARKETPLACE, product: NAMED },
      'marketplace-description': { ...MARKETPLACE, description: 'Claude Sonnet 4.6 (Amazon Bedrock Edition) input' },
      'marketplace-other': { ...MARKETPLACE, product: { product_name: 'Some Firewall' } },
      'ec2': EC2,
      'discount': { type: 'EdpDiscount', usd: -0.2, amount: 1000 },
      'bundled': { type: 'BundledDiscount', usd: -0.1, amount: 1000 },
      'tax': { type: 'Tax', usd: 0.5, usageType: '' },
      'credit': { type: 'Credit', usd: -3 },
      'refund': { type: 'Refund', usd: -4 },
      'region-code': { region: 'us-west-2', usageType: 'USE1-Claude4.6Sonnet-input-tokens' },
      'region-EU': { region: '', usageType: 'EU-Claude4.6Sonnet-input-tokens' },
      'region-APS3': { region: null, usageType: 'APS3-Claude4.6Sonnet-input-tokens' },
      'region-UGW1': { region: null, usageType: 'UGW1-Claude4.6Sonnet-input-tokens' },
      'region-unknown': { region: null, usageType: 'Claude4.6Sonnet-input-tokens' },
      'exact': { tags: { 'iamPrincipal/team': 'exact', 'iamPrincipal/Team': 'variant' } },
      'variant': { tags: { 'iamPrincipal/Team': 'variant' } },
      'variant-of-resource': { tags: { 'resourceTags/TEAM': 'variant' } },
      'empty': { tags: { 'iamPrincipal/team': '', 'resourceTags/team': 'resource' } },
      'all-empty': { tags: { 'iamPrincipal/team': '' } },
      'conflict': { tags: { 'iamPrincipal/team': 'principal', 'resourceTags/team': 'resource' } },
      'agreement': { tags: { 'iamPrincipal/team': 'same', 'resourceTags/team': 'same' } },
      'account-tag': { tags: { 'accountTag/team': 'account' } },
      'no-caller': { principal: null },
      'empty-caller': { principal: '' },
      'sso': { principal: `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_0a1b` },
      'user': { principal: `arn:aws:iam::${ACCOUNT}:user/division/jo` },
    });
  });

  test.each(['family', 'AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore', 'marketplace-name', 'marketplace-description'])(
    'is known for Amazon Bedrock by %s', (name) => { expect(rows.get(name)).toMatchObject({ billed_usd: 1 }); });

  test.each(['ec2', 'marketplace-other'])('of something else is ignored: %s', (name) => { expect(rows.has(name)).toBe(false); });

  test.each([['discount', -0.2], ['bundled', -0.1]])('of a %s carries dollars and no tokens', (name, usd) => {
    expect(rows.get(name)).toMatchObject({ billed_usd: usd, adjustments_usd: 0, tokens: 0, token_type: 'input' });
  });

  test.each([['tax', 0.5], ['credit', -3], ['refund', -4]])('of a %s stands apart', (name, usd) => {
    expect(rows.get(name)).toMatchObject({ billed_usd: 0, adjustments_usd: usd, is_adjustment: true });
  });

  test.each([
    ['the Region code before the prefix', 'region-code', 'us-west-2'],
    ['EU for Ireland', 'region-EU', 'eu-west-1'],
    ['APS3 for Mumbai', 'region-APS3', 'ap-south-1'],
    ['UGW1 for GovCloud', 'region-UGW1', 'us-gov-west-1'],
    ['nothing where it says nothing', 'region-unknown', null],
  ])('takes %s', (_, name, region) => { expect(rows.get(name)).toMatchObject({ region }); });

  test.each([
    ['the exact spelling first', 'exact', 'exact'],
    ['a variant in case where there is no exact one', 'variant', 'variant'],
    ['a variant in case of a resource tag', 'variant-of-resource', 'variant'],
    ['an empty tag for none', 'empty', 'resource'],
    ['only empty tags for none', 'all-empty', null],
    ['the principal tag before the resource tag', 'conflict', 'principal'],
    ['no account tag', 'account-tag', null],
  ])('takes as value of a key %s', (_, name, team) => { expect(rows.get(name)).toMatchObject({ team }); });

  test('has a conflict only where two tags disagree', () => {
    expect([...rows.values()].filter(row => row.has_tag_conflict === true).map(row => row.name)).toEqual(['conflict']);
  });

  test.each([
    ['no caller', 'no-caller', null],
    ['an empty caller', 'empty-caller', null],
    ['a role of Identity Center without its path', 'sso', 'role/AWSReservedSSO_Dev_0a1b'],
    ['a user without its path', 'user', 'user/jo'],
    ['a role session', 'family', 'role/checkout/worker-1'],
  ])('names %s', (_, name, caller) => { expect(rows.get(name)).toMatchObject({ caller }); });

  test('takes the resource tag first when the order says so', async () => {
    const turned = await billed('order', {
      conflict: { tags: { 'iamPrincipal/team': 'principal', 'resourceTags/team': 'resource' } },
      principal: { tags: { 'iamPrincipal/team': 'principal' } },
    }, { attributionOrder: ['resourceTags', 'iamPrincipal'] });
    expect([turned.get('conflict')?.team, turned.get('principal')?.team]).toEqual(['resource', 'principal']);
  });

  test('takes no principal tag when the order leaves it out', async () => {
    const only = await billed('order-of-one', { principal: { tags: { 'iamPrincipal/team': 'principal' } } }, { attributionOrder: ['resourceTags'] });
    expect(only.get('principal')).toMatchObject({ team: null });
  });

  test('counts its net dollars when asked to, and its gross ones where it has none', async () => {
    const net = await billed('net', { net: { usd: 10, netUsd: 7 }, gross: { usd: 10 } }, { cost: 'net' });
    expect([net.get('net')?.billed_usd, net.get('gross')?.billed_usd]).toEqual([7, 10]);
  });
});

describe('the caller of a bill line', () => {
  const session = (role: string, name: string): string => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;
  let fragments: Row[];

  const shares = (day: number): Record<string, number> => Object.fromEntries(fragments
    .filter(row => row.usage_date === `2026-10-0${day}`)
    .map(row => [String(row.team ?? row.reason), Number(row.usd)]));

  beforeAll(async () => {
    const calls: [number, string, string, number][] = [
      [1, session('checkout', 'a'), 'checkout', 1000],
      [2, session('checkout', 'a'), 'checkout', 1000],
      [3, session('AWSReservedSSO_Dev_0a1b', 'jo@example.com'), 'research', 1000],
      [4, session('checkout', 'a'), 'checkout', 1000],
      [5, session('checkout', 'a'), 'checkout', 3000], [5, session('search', 'b'), 'search', 1000],
      [6, session('checkout', 'a'), 'checkout', 1000], [6, session('search', 'b'), 'search', 1000],
    ];
    const logs = writeLogs(join(scratch.path, 'callers'), calls.map(([day, arn, team, input], index) =>
      record({ requestId: String(index), day: `2026-10-0${day}`, arn, metadata: { team }, input, output: 0 })));
    const bill = await writeBill(join(scratch.path, 'callers'), [
      { day: '2026-10-01', principal: session('checkout', 'a'), usd: 8 },
      { day: '2026-10-02', principal: `arn:aws:iam::${ACCOUNT}:role/division/checkout`, usd: 8 },
      { day: '2026-10-03', principal: `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0a1b`, usd: 8 },
      { day: '2026-10-04', principal: session('checkout', 'other'), usd: 8 },
      { day: '2026-10-05', principal: null, amount: 4, usd: 8 },
      { day: '2026-10-06', principal: session('checkout', 'a'), usd: 8 },
      { day: '2026-10-06', principal: null, usd: 2 },
    ]);
    fragments = await withSources({ logs: [logs], bill: [bill] }, async ({ engine }) => engine.rows(
      `SELECT usage_date, team, CASE WHEN team IS NULL THEN reason END AS reason, sum(billed_usd) AS usd FROM attributed_spend WHERE billed_usd <> 0 GROUP BY ALL`));
  });

  test.each([
    ['a session meets the records of that session', 1, { checkout: 8 }],
    ['a role with a path meets the records of its sessions', 2, { checkout: 8 }],
    ['a role of Identity Center meets the records of its sessions', 3, { research: 8 }],
    ['a session that logged nothing meets no record of another one', 4, { caller_not_logged: 8 }],
    ['an unnamed one meets all records by their tokens', 5, { checkout: 6, search: 2 }],
    ['an unnamed one meets only what named ones leave', 6, { checkout: 8, search: 2 }],
  ])('%s', (_, day, expected) => { expect(shares(day)).toEqual(expected); });
});

describe('the files of a bill', () => {
  const line = (usd: number, fields: Partial<BillLine> = {}): BillLine => ({ usd, amount: 1, tags: { 'iamPrincipal/team': 'search' }, ...fields });
  const totalOf = async (path: string): Promise<{ total: unknown; warnings: readonly string[] }> =>
    withSources({ bill: [path] }, async ({ engine, warnings }) => ({
      total: (await engine.rows('SELECT sum(billed_usd) AS usd FROM billed_usage'))[0].usd, warnings,
    }));

  test('of an export that keeps every delivery count once, and the last one counts', async () => {
    const data = join(scratch.path, 'deliveries', 'export', 'data');
    await writeBill(join(data, 'BILLING_PERIOD=2026-10', '20261102T000000Z-aaaa'), [line(1), line(2)], [], 'export-00001.snappy.parquet');
    await writeBill(join(data, 'BILLING_PERIOD=2026-10', '20261103T000000Z-bbbb'), [line(4)], [], 'export-00001.snappy.parquet');
    await writeBill(join(data, 'BILLING_PERIOD=2026-10', '20261103T000000Z-bbbb'), [line(8)], [], 'export-00002.snappy.parquet');
    await writeBill(join(data, 'BILLING_PERIOD=2026-09', '20261002T000000Z-cccc'), [line(16)], [], 'export-00001.snappy.parquet');
    const metadata = join(scratch.path, 'deliveries', 'export', 'metadata', 'BILLING_PERIOD=2026-10');
    mkdirSync(metadata, { recursive: true });
    writeFileSync(join(metadata, 'export-Manifest.json'), '{}');
    const { total, warnings } = await totalOf(join(scratch.path, 'deliveries'));
    expect(total).toBe(28);
    expect(warnings).toEqual([expect.stringMatching(/BILLING_PERIOD=2026-10 was delivered 2 times.*20261103T000000Z-bbbb/)]);
  });

  test.each(['json', 'csv'])('warn beside a report in %s, which has no place for it', async format => {
    const data = join(scratch.path, `warned-${format}`, 'export', 'data', 'BILLING_PERIOD=2026-10');
    await writeBill(join(data, '20261102T000000Z-aaaa'), [line(1)], [], 'export-00001.snappy.parquet');
    await writeBill(join(data, '20261103T000000Z-bbbb'), [line(2)], [], 'export-00001.snappy.parquet');
    const { code, out, err } = await bca('report', '--bill', data, '--format', format);
    expect(code).toBe(0);
    expect(err).toContain('BILLING_PERIOD=2026-10 was delivered 2 times');
    expect(out).not.toContain('delivered 2 times');
  });

  test('fail where a month was overwritten and kept, in whatever order: nothing says which is newer', async () => {
    const period = join(scratch.path, 'switched', 'export', 'data', 'BILLING_PERIOD=2026-10');
    await writeBill(join(period, '20261102T000000Z-aaaa'), [line(1)], [], 'export-00001.snappy.parquet');
    await writeBill(period, [line(2)], [], 'export-00001.snappy.parquet');
    await expect(totalOf(join(scratch.path, 'switched'))).rejects.toThrow(/files of its own and folders of deliveries/);
    expect(await totalOf(join(period, '*.parquet'))).toMatchObject({ total: 2 });
  });

  test('of an export that overwrites itself all count', async () => {
    const folder = join(scratch.path, 'overwritten', 'data', 'BILLING_PERIOD=2026-10');
    await writeBill(folder, [line(1)], [], 'export-00001.snappy.parquet');
    cpSync(join(folder, 'export-00001.snappy.parquet'), join(folder, 'export-00002.snappy.parquet'));
    expect(await totalOf(join(scratch.path, 'overwritten'))).toMatchObject({ total: 2, warnings: [] });
  });

  test('without callers work: the dollars are split over all of them, with a warning', async () => {
    const folder = join(scratch.path, 'no-callers');
    const bill = await writeBill(folder, [{ usd: 8, amount: 4 }], ['line_item_iam_principal']);
    const logs = writeLogs(folder, [
      record({ requestId: '1', arn: ROLE_SESSION, metadata: { team: 'checkout' }, input: 3000, output: 1 }),
      record({ requestId: '2', arn: `arn:aws:iam::${ACCOUNT}:user/jo`, metadata: { team: 'search' }, input: 1000, output: 1 }),
    ]);
    await withSources({ bill: [bill], logs: [logs] }, async ({ engine, warnings, knowsEnforced }) => {
      expect(await engine.rows('SELECT team, sum(billed_usd) AS usd FROM attributed_spend GROUP BY team ORDER BY team')).toEqual([{ team: 'checkout', usd: 6 }, { team: 'search', usd: 2 }]);
      expect(warnings).toEqual([expect.stringMatching(/no line_item_iam_principal.*INCLUDE_IAM_PRINCIPAL_DATA/)]);
      expect(knowsEnforced).toBe(false);
    });
  });

  test('without any optional column work, with a warning about tags', async () => {
    const bill = await writeBill(join(scratch.path, 'bare'), [line(3)], [
      'bill_billing_entity', 'bill_billing_period_start_date', 'line_item_net_unblended_cost', 'line_item_line_item_description', 'line_item_currency_code',
      'line_item_usage_end_date', 'pricing_unit', 'product', 'product_product_family', 'product_region_code', 'product_servicecode', 'tags',
    ]);
    await withSources({ bill: [bill] }, async ({ engine, warnings }) => {
      expect(await engine.rows('SELECT billed_usd, region, tokens, team FROM billed_usage')).toEqual([{ billed_usd: 3, region: 'us-east-1', tokens: null, team: null }]);
      expect(warnings).toEqual([expect.stringMatching(/no tags column/)]);
    });
  });

  test('with tags and product as JSON text work like maps', async () => {
    const bill = await writeBill(join(scratch.path, 'text-maps'), [line(3, { usageType: 'USE1-MP:USE1_InputTokenCount-Units', unit: UNITS, product: NAMED })], [], 'bill.parquet', { tags: 'VARCHAR', product: 'VARCHAR' });
    await withSources({ bill: [bill] }, async ({ engine }) => {
      expect(await engine.rows('SELECT team, model FROM billed_usage')).toEqual([{ team: 'search', model: SONNET }]);
    });
  });

  test('in another currency are shown as they are, with a warning', async () => {
    const bill = await writeBill(join(scratch.path, 'currency'), [line(3, { currency: 'CNY' })]);
    expect(await totalOf(bill)).toMatchObject({ total: 3, warnings: [expect.stringMatching(/in CNY/)] });
  });
});
