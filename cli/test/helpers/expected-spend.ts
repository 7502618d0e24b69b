/**
 * What becomes of every dollar, told by plain loops over a small world: an account of the rules that shares no line with the views.
 */
export interface WorldRecord {
  readonly requestId?: string;
  readonly day: string;
  readonly region: string;
  readonly caller: string;
  readonly input: number;
  readonly output: number;
  readonly status: string;
  readonly metadata?: Readonly<Record<string, string | undefined>>;
}

export interface WorldLine {
  readonly day: string;
  readonly region: string;
  readonly caller: string | null;
  readonly kind: 'input' | 'output' | 'mantle' | 'guardrail' | 'discount';
  readonly thousandTokens: number;
  readonly cents: number;
  readonly principalTags: Readonly<Record<string, string | undefined>>;
  readonly resourceTags: Readonly<Record<string, string | undefined>>;
}

export interface World {
  readonly records: readonly WorldRecord[];
  readonly lines: readonly WorldLine[];
}

interface Spend {
  readonly groups: Map<string, { enforced: number; declared: number; unknown: number }>;
  readonly reasons: Map<string, number>;
}

interface Supply {
  readonly record: WorldRecord;
  readonly key: string;
  readonly session: string;
  readonly role: string;
  left: number;
}

const SETTLED_AFTER_MS = 72 * 3600 * 1000;

export function expectedSpend({ records, lines }: World, by: readonly string[], asOf: Date): Spend {
  const spend: Spend = { groups: new Map(), reasons: new Map() };
  const supplies: Supply[] = records.filter(call => call.status !== 'failed').flatMap(call => (['input', 'output'] as const).map(side => ({
    record: call,
    key: [call.day, call.region, side].join(),
    session: call.caller.split('/').slice(1).join('/'),
    role: call.caller.split('/')[1],
    left: side === 'output' && call.status === 'partial' ? 0 : call[side],
  })));

  const give = (line: WorldLine, usd: number, from: WorldRecord | undefined): void => {
    const known = by.map(key => line.principalTags[key] ?? line.resourceTags[key] ?? from?.metadata?.[key] ?? null);
    const proven = by.every(key => (line.principalTags[key] ?? line.resourceTags[key]) !== undefined);
    const name = JSON.stringify(known);
    const group = spend.groups.get(name) ?? { enforced: 0, declared: 0, unknown: 0 };
    spend.groups.set(name, group);
    if (!known.includes(null)) {
      group[proven ? 'enforced' : 'declared'] += usd;
      return;
    }
    group.unknown += usd;
    const reason = reasonFor(line, from);
    spend.reasons.set(reason, (spend.reasons.get(reason) ?? 0) + usd);
  };

  const reasonFor = (line: WorldLine, from: WorldRecord | undefined): string => {
    if (line.kind === 'guardrail') return 'not_token_based';
    if (new Date(`${line.day}T23:59:59Z`).getTime() > asOf.getTime() - SETTLED_AFTER_MS) return 'unsettled';
    if (line.kind === 'mantle') return 'endpoint_not_logged';
    if (from) return Object.values(from.metadata ?? {}).some(value => value !== undefined) ? 'key_absent' : 'no_metadata';
    const there = records.filter(call => call.day === line.day && call.region === line.region);
    if (there.length === 0) return 'region_not_logged';
    if (line.caller !== null && !there.some(call => sessionOf(call.caller) === sessionOf(line.caller) || call.caller.split('/')[1] === sessionOf(line.caller))) return 'caller_not_logged';
    return 'under_logged';
  };

  // callers by session first, then those named by role, then lines without a caller: each from what is left
  for (const level of ['session', 'role', 'none'] as const) {
    const buckets = new Map<string, WorldLine[]>();
    for (const line of lines.filter(candidate => levelOf(candidate) === level)) {
      const key = [line.day, line.region, line.kind === 'discount' ? 'input' : line.kind, sessionOf(line.caller)].join();
      buckets.set(key, [...buckets.get(key) ?? [], line]);
    }
    for (const bucket of buckets.values()) {
      const [{ day, region, kind, caller }] = bucket;
      if (kind === 'guardrail' || kind === 'mantle') {
        bucket.forEach(line => { give(line, line.cents / 100, undefined); });
        continue;
      }
      const key = [day, region, kind === 'discount' ? 'input' : kind].join();
      const offers = supplies.filter(supply => supply.key === key && supply.left > 0
        && (level === 'none' || (level === 'role' ? supply.role : supply.session) === sessionOf(caller)));
      const billed = bucket.reduce((sum, line) => sum + (line.kind === 'discount' ? 0 : line.thousandTokens * 1000), 0);
      const logged = offers.reduce((sum, supply) => sum + supply.left, 0);
      const used = logged > 0 ? Math.min(1, billed / logged) : 0;
      for (const line of bucket) {
        const usd = (line.kind === 'discount' ? -1 : 1) * line.cents / 100;
        let given = 0;
        for (const supply of offers) {
          const share = supply.left / Math.max(billed, logged);
          give(line, usd * share, supply.record);
          given += share;
        }
        if (logged === 0 || billed > logged) give(line, usd * (1 - given), undefined);
      }
      offers.forEach((supply) => { supply.left *= 1 - used; });
    }
  }
  return spend;
}

/** `role/session`, or `role` where the bill names no session. */
function sessionOf(caller: string | null): string {
  if (caller === null) return '';
  return caller.includes(':assumed-role/') ? caller.split('/').slice(1).join('/') : caller.split('/').at(-1) ?? '';
}

function levelOf(line: WorldLine): 'session' | 'role' | 'none' {
  if (line.caller === null) return 'none';
  return line.caller.includes(':assumed-role/') ? 'session' : 'role';
}
