import type { BillLine } from './bill-line';
import { DECLARED_KEYS, ENFORCED_KEYS } from './companion-files';
import { divideBill, type Fragment } from './divide-bill';
import { dayOf, tagValue, winners } from './facts';
import { forgedClaims } from './forged-claims';
import { groupBy } from './group-by';
import type { LogRecord } from './log-records';
import { MODELS } from './models';
import { breaksSchema } from './schema-rules';
import type { Reason, TrueCoverage, TrueGroup, Truth } from './truth';
import type { MalformedLine } from './write-logs';

const HOUR = 3_600_000;
/** Usage younger than this is not settled on the bill. */
const SETTLEMENT_HOURS = 72;

const REASONS: readonly Reason[] = [
  'not_token_based', 'unsettled', 'endpoint_not_logged', 'region_not_logged', 'caller_not_logged', 'under_logged', 'no_metadata', 'key_absent',
];

export interface TellTruthOptions {
  readonly lines: readonly BillLine[];
  readonly records: readonly LogRecord[];
  readonly malformed: readonly MalformedLine[];
  readonly by: readonly string[];
  /** Instant of the report. */
  readonly asOf: number;
}

/** Works out, from what was simulated and not from what was written, what a report must say. */
export function tellTruth({ lines, records, malformed, by, asOf }: TellTruthOptions): Truth {
  const requests = winners(records);
  const fragments = divideBill(lines, requests, { by, settledUntil: asOf - SETTLEMENT_HOURS * HOUR });
  const spend = lines.filter(line => line.kind === 'bedrock');
  const coverage = coverageOf(spend, requests);
  const forgers = forgedClaims(spend, requests);
  return {
    as_of: new Date(asOf).toISOString(),
    by,
    totals: {
      requests: requests.length,
      failed_requests: countOf(requests, record => record.status === 'failed'),
      blocked_requests: countOf(requests, record => record.status === 'blocked'),
      partial_requests: countOf(requests, record => record.status === 'partial'),
      duplicate_records: records.length - requests.length,
      malformed_lines: malformed.length,
      ...tokensOf(requests),
      unpriced_requests: countOf(requests, isUnpriced),
      billed_usd: usdOf(spend),
      attributed_usd: usdOf(fragments.filter(({ reason }) => reason === null)),
      unattributed_usd: usdOf(fragments.filter(({ reason }) => reason !== null)),
      adjustments_usd: usdOf(lines.filter(line => line.kind === 'adjustment')),
    },
    groups: groupsOf(by, requests, fragments),
    unattributed: REASONS.map(reason => ({ reason, ofReason: fragments.filter(fragment => fragment.reason === reason) }))
      .filter(({ ofReason }) => ofReason.length > 0)
      .map(({ reason, ofReason }) => ({ reason, usd: usdOf(ofReason) })),
    coverage: coverage.map(({ row }) => row),
    quality: {
      no_metadata: countOf(requests, ({ call }) => call.metadata === undefined),
      schema_violations: countOf(requests, ({ call }) => call.metadata !== undefined && breaksSchema(call.metadata)),
      forged_claims: forgers.requests,
      tag_conflicts: countOf(spend, hasTagConflict),
      tag_spelling_variants: tagVariants(spend),
      unmapped_models: [...new Set(requests.filter(isUnmapped).map(modelIdOf))].sort(),
      malformed,
    },
    silent_days: coverage.filter(({ silentDays }) => silentDays.length > 0)
      .map(({ row, silentDays }) => ({ account_id: row.account_id, region: row.region, days: silentDays })),
    forgers: forgers.forgers,
  };
}

function countOf<T>(items: readonly T[], test: (item: T) => boolean): number {
  return items.filter(test).length;
}

function usdOf(items: readonly { readonly usd: number }[]): number {
  return items.reduce((sum, { usd }) => sum + usd, 0);
}

function isCounted(status: LogRecord['status']): boolean {
  return status === 'complete' || status === 'partial';
}

function isUnmapped({ call, status }: LogRecord): boolean {
  return call.target.model === null && isCounted(status);
}

function modelIdOf({ call: { target, workload } }: LogRecord): string {
  return target.modelId.replace('{region}', workload.region).replace('{account}', workload.account);
}

/** A price belongs to a model and a day: without either there is none. */
function isUnpriced({ status, ms, call: { target } }: LogRecord): boolean {
  return isCounted(status) && (ms === null || target.model === null || MODELS[target.model] === MODELS.unpriced);
}

type Tokens = Pick<TrueGroup, 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'cache_write_tokens'>;

function tokensOf(requests: readonly LogRecord[]): Tokens {
  const sum = (count: (record: LogRecord) => number | null): number => requests.reduce((all, record) => all + (count(record) ?? 0), 0);
  return {
    input_tokens: sum(({ input }) => input),
    output_tokens: sum(({ output }) => output),
    cache_read_tokens: sum(({ cacheRead }) => cacheRead),
    cache_write_tokens: sum(({ cacheWrite }) => cacheWrite),
  };
}

/** Requests go where they say they belong, dollars where the division put them; most dollars first. */
function groupsOf(by: readonly string[], requests: readonly LogRecord[], fragments: readonly Fragment[]): TrueGroup[] {
  const declared = ({ call }: LogRecord): (string | null)[] => by.map(key => (call.metadata?.[key]) ?? null);
  const saying = groupBy(requests, record => JSON.stringify(declared(record)));
  const billed = groupBy(fragments, ({ keys }) => JSON.stringify(by.map(key => keys[key])));
  const names = [...new Set([...saying.keys(), ...billed.keys()])];
  return names.map((name): TrueGroup => {
    const values = JSON.parse(name) as (string | null)[];
    const ofGroup = billed.get(name) ?? [];
    const members = saying.get(name) ?? [];
    return {
      keys: Object.fromEntries(by.map((key, index) => [key, values[index]])),
      requests: members.length,
      ...tokensOf(members),
      billed_usd: usdOf(ofGroup),
      enforced_usd: usdOf(ofGroup.filter(({ isEnforced }) => isEnforced)),
      declared_usd: usdOf(ofGroup.filter(({ isEnforced, reason }) => !isEnforced && reason === null)),
    };
  }).sort((a, b) => b.billed_usd - a.billed_usd || (JSON.stringify(a.keys) < JSON.stringify(b.keys) ? -1 : 1));
}

function coverageOf(spend: readonly BillLine[], requests: readonly LogRecord[]): { row: TrueCoverage; silentDays: string[] }[] {
  const lines = groupBy(spend, ({ account, region }) => `${account}|${region}`);
  const records = groupBy(requests.filter(({ ms }) => ms !== null), ({ call: { workload } }) => `${workload.account}|${workload.region}`);
  const counts = groupBy(requests, ({ call: { workload } }) => `${workload.account}|${workload.region}`);
  return [...new Set([...lines.keys(), ...counts.keys()])].sort().map((place) => {
    const [account, region] = place.split('|');
    const loggedDays = new Set((records.get(place) ?? []).map(({ ms }) => dayOf(ms ?? 0)));
    const tokens = (lines.get(place) ?? []).filter(({ meaning }) => meaning?.endpoint === 'runtime');
    const billedDays = [...groupBy(tokens, ({ start }) => dayOf(start))].filter(([, ofDay]) => usdOf(ofDay) > 0);
    const silent = billedDays.filter(([day]) => !loggedDays.has(day));
    const status = billedDays.length === 0 ? 'not_billed' : silent.length === 0 ? 'logged' : silent.length < billedDays.length ? 'partly_silent' : 'silent';
    return {
      silentDays: silent.map(([day]) => day).sort(),
      row: {
        account_id: account,
        region,
        status,
        logged_requests: counts.get(place)?.length ?? 0,
        billed_usd: usdOf(lines.get(place) ?? []),
        silent_days: silent.length,
        silent_usd: usdOf(silent.flatMap(([, ofDay]) => ofDay)),
      },
    };
  });
}

function hasTagConflict({ tags }: BillLine): boolean {
  return ENFORCED_KEYS.some((key) => {
    const [caller, resource] = [tagValue(tags, 'iamPrincipal/', key), tagValue(tags, 'resourceTags/', key)];
    return caller !== null && resource !== null && caller !== resource;
  });
}

/** Tags that are a key of the schema but for upper and lower case. */
function tagVariants(spend: readonly BillLine[]): string[] {
  const exact = [...ENFORCED_KEYS, ...DECLARED_KEYS].flatMap(key => [`iamPrincipal/${key}`, `resourceTags/${key}`]);
  const found = new Set(spend.flatMap(({ tags }) => Object.keys(tags)));
  return [...found].filter(tag => !exact.includes(tag) && exact.some(name => name.toLowerCase() === tag.toLowerCase())).sort();
}
