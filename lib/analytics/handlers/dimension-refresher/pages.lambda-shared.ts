/** A page of a list, and where the next one starts. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly next?: string;
}

/** What there is on all pages of a list, in its order. */
export async function allPages<T>(readPage: (token: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const entries: T[] = [];
  let token: string | undefined;
  do {
    const page = await readPage(token);
    entries.push(...page.entries);
    token = page.next;
  } while (token !== undefined);
  return entries;
}

/** At most so many calls at a time: more only meets throttling sooner. */
const CALLS_AT_A_TIME = 4;

/** Asks about each of many things, a few at a time; the answers are in the order of the things. Nothing further is asked once one fails. */
export async function askAboutEach<T, R>(things: readonly T[], ask: (thing: T) => Promise<R>): Promise<R[]> {
  const answers = new Array<R>(things.length);
  const queue = things.entries();
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (const [index, thing] of queue) {
      if (hasFailed) return;
      try {
        answers[index] = await ask(thing);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  // eslint-disable-next-line @cdklabs/promiseall-no-unbounded-parallelism -- a fixed number of workers, which is what limits the calls
  await Promise.all(Array.from({ length: CALLS_AT_A_TIME }, work));
  return answers;
}
