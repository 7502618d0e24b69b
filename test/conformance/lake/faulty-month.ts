import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BillLine, record, type RecordFields } from '../../../cli/test/helpers/world';
import { AttributionSchema } from '../../../lib/schema';
import { LOGS } from './catalog';
import { ACCOUNT, deliverBill, deliverLog, type Delivery, EXPORT, hourFolder, REGION } from './deliver';
import type { Lake } from './lake';
import { World } from './world';

/** Values that a careless query would break, or be broken by. */
export const AWKWARD_VALUES = [
  `O'Brien's "team"`, 'Überprüfung', '東京チーム', '🚀', 'a\\b', 'a,b;c', 'line\nbreak', 'tab\there', '%_[x]', '{"json": true}', '${name}', '-- none',
];

export const TEAMS = Array.from({ length: 10 }, (_, index) => `team-${index}`);
/** Five keys that dollars are split by. */
export const SPEND_KEYS = ['team', 'service', 'env', 'product', 'cost_center'];

const key = (name: string, more: object = {}): object => ({ name, description: `The ${name}.`, ...more });

/** `squad` gave way to `team`; `feature` came later, and is required from the middle of the month on. */
const SCHEMA = AttributionSchema.fromJson(JSON.stringify({
  version: 2,
  keys: [
    key('team', { required: true, assurance: 'enforced' }),
    key('squad', { deprecatedInFavourOf: 'team' }),
    key('service', { assurance: 'enforced' }),
    key('env', { allowedValues: ['dev', 'prod'] }),
    key('product'),
    key('cost_center', { pattern: '[A-Z]{2}-\\d{3}' }),
    key('feature', { since: 2, cardinality: 'high' }),
  ],
}));

const MODEL = 'anthropic.claude-sonnet-4-6';

/** List prices of the model change in the middle of the month. */
const PRICES = {
  source: 'test',
  retrieved: '2026-10-01',
  entries: [
    { model: MODEL, token_type: 'input', usd: 4, effective_to: '2026-10-15' },
    { model: MODEL, token_type: 'input', usd: 2, effective_from: '2026-10-15' },
    { model: MODEL, token_type: 'output', usd: 20 },
  ],
};

/** A log file in which something is wrong, and one of each kind that lies beside log files. */
export const MALFORMED_DAY = '2026-10-05';
export const MALFORMED_LINES = ['{"schemaType":"ModelInvocationLog","timest', 'upstream connect error', '{"operation":"Converse"}', '[1, 2]', '"text"', '42', 'null'];
export const BLANK_LINES = ['', '   '];

/** A month in which everything goes wrong that may, each fault on a day of its own. */
export async function openFaultyMonth(lake: Lake, folder: string): Promise<{ world: World; malformedKey: string }> {
  const call = (delivery: Delivery, ...fields: RecordFields[]): string => deliverLog(lake, delivery, fields.map(record));
  const on = (day: string, requestId: string, more: Partial<RecordFields> = {}): RecordFields =>
    ({ requestId, day, input: 1000, output: 200, metadata: { team: 'payments' }, ...more });

  const stream = { operation: 'ConverseStream' };
  call({ hour: '2026-10-03T14' }, on('2026-10-03', 'twice'), on('2026-10-03', 'completed-later', { ...stream, output: undefined }));
  call({ hour: '2026-10-03T15' }, on('2026-10-03', 'twice'), on('2026-10-03', 'completed-later', stream));
  call({ hour: '2026-10-04T10' }, on('2026-10-04', 'partial', { ...stream, output: undefined }), on('2026-10-04', 'failed', { errorCode: 'ThrottlingException' }));
  const [good, fine] = ['good', 'fine'].map(id => record(on(MALFORMED_DAY, id)));
  const malformedKey = deliverLog(lake, { hour: `${MALFORMED_DAY}T10` }, [good, ...MALFORMED_LINES, ...BLANK_LINES, fine]);
  deliverLog(lake, { hour: '2026-10-06T10' }, []);
  call({ hour: '2026-10-07T10' }, on('2026-10-07', 'only-one'));
  deliverLog(lake, { hour: '2026-10-08T10' }, [without(record(on('2026-10-08', 'no-region')), 'region')]);
  call({ hour: '2026-10-09T10' },
    on('2026-10-09', 'old-key', { metadata: { squad: 'legacy' } }), on('2026-10-09', 'both-keys', { metadata: { squad: 'legacy', team: 'payments' } }));
  for (const day of ['2026-10-14', '2026-10-15']) {
    call({ hour: `${day}T10` }, on(day, `called-${day}`, { metadata: { team: 'payments', ...day > '2026-10-14' && { feature: 'chat' } } }));
  }
  call({ hour: '2026-10-16T10' }, ...AWKWARD_VALUES.map((value, index) => on('2026-10-16', `awkward-${index}`, { metadata: { team: value, env: value } })));
  call({ hour: '2026-10-17T10' },
    on('2026-10-17', 'spelling', { metadata: { Team: 'payments', SERVICE: 'checkout' } }),
    on('2026-10-17', 'spellings', { metadata: { Team: 'other', team: 'payments', tEAM: 'third' } }));
  beside(lake, { hour: '2026-10-18T10' });
  call({ hour: '2026-10-18T10' }, on('2026-10-18', 'with-bodies'));
  call({ hour: '2026-10-20T10' }, ...TEAMS.flatMap((team, index) => [0, 1, 2].map(nth => on('2026-10-20', `${team}-${nth}`, {
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${team}/s${nth}`, input: 100 * (index + 1), output: 10 * (nth + 1),
    metadata: { team, service: `service-${nth}`, env: nth === 0 ? 'dev' : 'prod', product: `p${index % 3}`, cost_center: nth === 2 ? 'wrong' : 'AB-123' },
  }))));
  utcDays(call, on);
  await deliverBills(lake);

  const prices = join(folder, 'prices.json');
  writeFileSync(prices, JSON.stringify(PRICES));
  const world = await World.open(lake, {
    schema: SCHEMA, accounts: [ACCOUNT, '444455556666'], regions: [REGION, 'eu-west-1'], firstDay: '2026-09-29', exportName: EXPORT, files: { prices },
  });
  return { world, malformedKey };
}

/** What Amazon Bedrock delivers beside records: bodies that are too long for them, and the object by which it tries out the bucket. */
function beside(lake: Lake, delivery: Delivery): void {
  const folder = hourFolder(delivery);
  const body = { messages: [{ role: 'user', content: [{ text: 'a long contract' }] }] };
  lake.put(LOGS, `${folder}/data/with-bodies_input.json.gz`, gzipSync(JSON.stringify(body)));
  lake.put(LOGS, `AWSLogs/${ACCOUNT}/BedrockModelInvocationLogs/${REGION}/amazon-bedrock-logs-permission-check`, '');
  lake.put(LOGS, `${folder}/amazon-bedrock-logs-permission-check`, 'Permissions are correctly set for Amazon Bedrock logs.\n');
}

/** Calls around midnight in UTC and around the hours that summer time takes or gives, some of them in other zones, delivered later. */
function utcDays(
  call: (delivery: Delivery, ...fields: RecordFields[]) => string,
  on: (day: string, requestId: string, more?: Partial<RecordFields>) => RecordFields,
): void {
  const at = (requestId: string, timestamp: string): RecordFields => on('', requestId, { timestamp });
  call({ hour: '2026-10-01T00' }, at('last-of-september', '2026-09-30T23:59:59.999Z'), at('first-of-october', '2026-10-01T00:00:00Z'));
  call({ hour: '2026-10-25T03' },
    at('before-midnight', '2026-10-25T01:30:00+02:00'), at('once', '2026-10-25T00:30:00Z'), at('again', '2026-10-25T01:30:00Z'),
    at('to-the-west', '2026-10-24T20:00:00-05:00'));
  call({ hour: '2026-11-01T00' }, at('last-of-october', '2026-10-31T23:59:59Z'), at('first-of-november', '2026-11-01T00:00:00Z'));
  call({ hour: '2026-11-02T00' }, at('no-time', 'yesterday'));
}

/** A bill of two months in files that do not have the same columns. */
async function deliverBills(lake: Lake): Promise<void> {
  const tokens = (day: string, more: Partial<BillLine>): BillLine => ({ day, amount: 1, usd: 0.003, ...more });
  const DAYS = ['2026-10-01', '2026-10-03', '2026-10-04', MALFORMED_DAY, '2026-10-06', '2026-10-07', '2026-10-09', '2026-10-14', '2026-10-15', '2026-10-16',
    '2026-10-17', '2026-10-24', '2026-10-25', '2026-10-31'];
  await deliverBill(lake, '2026-10', [
    ...DAYS.map(day => tokens(day, {})),
    tokens('2026-10-08', { region: null }),
    // by role alone, by nobody, and in spellings that IAM takes for one
    tokens('2026-10-09', { principal: `arn:aws:iam::${ACCOUNT}:role/path/checkout`, usageType: 'USE1-Claude4.6Sonnet-output-tokens', usd: 0.02 }),
    tokens('2026-10-15', { principal: null, usd: 0.001 }),
    tokens('2026-10-17', { tags: { 'iamPrincipal/Team': `O'Brien`, 'iamPrincipal/SERVICE': '東京' }, usd: 0.5 }),
    tokens('2026-10-17', { usageType: 'USE1-Guardrail-ContentPolicyUnitsConsumed', unit: 'text units', usd: 0.25 }),
    tokens('2026-10-17', { type: 'EdpDiscount', usd: -0.1 }),
    tokens('2026-10-17', { type: 'Tax', usd: 0.05 }),
    ...TEAMS.flatMap((team, index) => [
      tokens('2026-10-20', {
        principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${team}/s0`, usd: 0.1 * (index + 1), amount: 0.1 * (index + 1),
        tags: { 'iamPrincipal/team': team, 'resourceTags/team': index % 4 === 0 ? 'other' : team, 'resourceTags/product': `p${index % 3}` },
      }),
      tokens('2026-10-20', {
        principal: `arn:aws:iam::${ACCOUNT}:role/${team}`, usageType: 'USE1-Claude4.6Sonnet-output-tokens', usd: 0.07 * (index + 1), amount: 0.09,
      }),
    ]),
  ]);
  await deliverBill(lake, '2026-10', [tokens('2026-10-22', { usd: 0.4 })], ['line_item_iam_principal', 'tags', 'line_item_net_unblended_cost']);
  await deliverBill(lake, '2026-11', [tokens('2026-11-01', {}), tokens('2026-11-02', { usd: 0.2 })]);
}

function without(line: string, field: string): string {
  const fields = JSON.parse(line) as Record<string, unknown>;
  return JSON.stringify(Object.fromEntries(Object.entries(fields).filter(([name]) => name !== field)));
}
