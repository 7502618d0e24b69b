import type { MODELS } from './models';
import type { Random } from './random';

/** The accounts of the demo company. The payer only pays. */
export const PAYER = '123456789012';
export const ACCOUNTS = { shop: '111122223333', insights: '444455556666', labs: '777788889999' } as const;

/** Regions with their codes on the bill; the code of eu-west-1 is not `EUW1`. */
export const REGIONS = { 'us-east-1': 'USE1', 'us-west-2': 'USW2', 'eu-west-1': 'EU' } as const;

export type RegionName = keyof typeof REGIONS;

/** Days of the month (first and last) on which an account and Region had no invocation logging. */
export const SILENCES: readonly { account: string; region: RegionName; from: number; to: number }[] = [
  { account: ACCOUNTS.labs, region: 'us-west-2', from: 1, to: 31 },
  { account: ACCOUNTS.labs, region: 'eu-west-1', from: 10, to: 14 },
];

/** Who calls: the parts that its ARNs are made of. */
export interface Who {
  readonly kind: 'role' | 'user';
  readonly name: string;
  /** Session of an assumed role. */
  readonly session?: string;
  /** IAM path of the role or user, with its slashes. */
  readonly path?: string;
}

/** What a call names as its model. */
export interface Target {
  /** `modelId` of the log record; `{account}` and `{region}` are filled in. */
  readonly modelId: string;
  /** `null` when nothing can tell the model: a provisioned model in the logs. */
  readonly model: keyof typeof MODELS | null;
  readonly route: 'regional' | 'geo' | 'global';
  readonly weight: number;
}

export type Operation = 'InvokeModel' | 'InvokeModelWithResponseStream' | 'Converse' | 'ConverseStream';

/** Which form of the caller a bill line carries. */
export type CallerOnBill = 'session' | 'role' | 'none';

/** One kind of traffic: one service in one account and Region, calling in one way. */
export interface Workload {
  readonly name: string;
  readonly account: string;
  readonly region: RegionName;
  /** Share of all calls, in thousandths. */
  readonly weight: number;
  readonly callers: readonly Who[];
  readonly targets: readonly Target[];
  readonly operations: readonly Operation[];
  /** Request metadata of one call; `undefined` sends none. */
  readonly metadata: (random: Random) => Record<string, string> | undefined;
  /** Tags on the bill lines, with their prefixes. */
  readonly tags: Readonly<Record<string, string>>;
  /** First day on which the tags are on the bill, because they were activated then. */
  readonly tagsFrom?: number;
  readonly usesCache?: boolean;
  /** Where cache counts stand: beside the input count, or only inside the body as older records have it. */
  readonly cacheCountsInBody?: boolean;
  readonly logsBodies?: boolean;
  /** Share of the calls on the flex tier. */
  readonly flex?: number;
  /** Share of the calls whose record was lost on the way. */
  readonly lost?: number;
  /** Calls that invocation logging does not see, whatever its configuration. */
  readonly unseen?: 'mantle' | 'batch';
  /** Caller on the bill by hour of the day. */
  readonly callerOnBill?: (hour: number) => CallerOnBill;
  /** Whether each line comes with a negotiated discount of its own. */
  readonly isDiscounted?: boolean;
  /** Hour of the day whose lines never reached the bill: more is logged than billed. */
  readonly unbilledHour?: number;
}

/** The caller as the logs and most bill lines write it. */
export function callerArn(account: string, who: Who): string {
  if (who.kind === 'user') return `arn:aws:iam::${account}:user${who.path ?? '/'}${who.name}`;
  return `arn:aws:sts::${account}:assumed-role/${who.name}/${who.session ?? ''}`;
}

/** The caller as a bill line writes it. */
export function billedCallerArn(account: string, who: Who, form: CallerOnBill): string | null {
  if (form === 'none') return null;
  if (form === 'role' && who.kind === 'role') return `arn:aws:iam::${account}:role${who.path ?? '/'}${who.name}`;
  return callerArn(account, { ...who, path: undefined });
}
