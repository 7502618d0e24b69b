import { validatePlaces } from './validate-logging-coverage';

/** An account and Region, which share one logging configuration. */
export interface LoggingPlace {
  /** Account, 12 digits. */
  readonly accountId: string;

  /** Code of the Region, such as `eu-central-1`. */
  readonly region: string;
}

/**
 * An account and Region where Amazon Bedrock is used, and what tells so. It may be given in several parts, such as one for each day, which
 * are added up.
 */
export interface ActivePlace extends LoggingPlace {
  /**
   * US dollars billed there for tokens of the `bedrock-runtime` endpoint, the only ones whose calls can be logged: `runtime_token_usd` of
   * the view `logging_coverage`.
   *
   * @default - not known
   */
  readonly billedUsd?: number;

  /**
   * Calls made there: the sum of the metric `Invocations` of the namespace `AWS/Bedrock`.
   *
   * @default - not known
   */
  readonly invocations?: number;
}

/** What is compared. */
export interface LoggingCoverageProps {
  /**
   * Where Amazon Bedrock is used. A place that says neither what was billed nor how many calls there were counts as used; one that says
   * that there was nothing of either does not.
   */
  readonly active: ActivePlace[];

  /** Where calls are logged: places with an `InvocationLogging`, or those that log records tell of. */
  readonly logged: LoggingPlace[];
}

/**
 * Which accounts and Regions are used without being logged: their spend can be told apart by the tags on the bill only, never by request
 * metadata.
 *
 * The view `logging_coverage` answers the same for each day; this is the answer for a whole period, for those who have no tables yet. The
 * order of the input changes nothing, and each list is sorted by account and Region.
 */
export class LoggingCoverage {
  /**
   * Compares where Amazon Bedrock is used with where it is logged.
   *
   * Fails, with everything that is wrong, on accounts that are not 12 digits, Regions that are no code, and numbers that cannot be.
   */
  public static compare(props: LoggingCoverageProps): LoggingCoverage {
    validatePlaces(props.active, props.logged);
    const logged = new Map(props.logged.map(place => [keyOf(place), { accountId: place.accountId, region: place.region }]));
    return new LoggingCoverage(activity(props.active), logged);
  }

  /** Used and not logged: nothing of what was spent there can be attributed by logs. */
  public readonly silent: ActivePlace[];

  /** Used and logged. */
  public readonly covered: ActivePlace[];

  /** Logged and not used. */
  public readonly idle: LoggingPlace[];

  private constructor(active: Map<string, ActivePlace>, logged: Map<string, LoggingPlace>) {
    const places = [...active].sort(byKey);
    this.silent = places.filter(([key]) => !logged.has(key)).map(([, place]) => place);
    this.covered = places.filter(([key]) => logged.has(key)).map(([, place]) => place);
    this.idle = [...logged].sort(byKey).filter(([key]) => !active.has(key)).map(([, place]) => place);
  }

  /** Whether every place that is used is logged. */
  public get isComplete(): boolean {
    return this.silent.length === 0;
  }
}

/** The parts of each place added up, of places that are used. */
function activity(parts: ActivePlace[]): Map<string, ActivePlace> {
  const byPlace = new Map<string, ActivePlace[]>();
  for (const part of parts) byPlace.set(keyOf(part), [...byPlace.get(keyOf(part)) ?? [], part]);
  return new Map([...byPlace].flatMap(([key, [first, ...others]]) => {
    const all = [first, ...others];
    const billedUsd = sum(all.flatMap(part => part.billedUsd ?? []));
    const invocations = sum(all.flatMap(part => part.invocations ?? []));
    const isNamedOnly = all.some(part => part.billedUsd === undefined && part.invocations === undefined);
    const isUsed = isNamedOnly || (billedUsd ?? 0) !== 0 || (invocations ?? 0) > 0;
    if (!isUsed) return [];
    const place = { accountId: first.accountId, region: first.region };
    return [[key, { ...place, ...billedUsd === undefined ? {} : { billedUsd }, ...invocations === undefined ? {} : { invocations } }]];
  }));
}

/** Nothing for no numbers, which is not zero. */
function sum(numbers: number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((total, number) => total + number, 0);
}

/** Accounts have 12 digits, so that the order of these texts is the one by account and then Region. */
function keyOf({ accountId, region }: LoggingPlace): string {
  return `${accountId} ${region}`;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
