import { setImmediate as turn } from 'node:timers/promises';
import { RefreshedValue, type ValueReader } from '../../src/ssm/refreshed-value';

/** A reader whose answers are given by hand. */
class Desk implements ValueReader<string> {
  public readonly subject = 'the thing';
  public readonly lasts: (string | undefined)[] = [];
  public readonly signals: AbortSignal[] = [];
  private waiting: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];

  public constructor(public readonly initial?: string) {}

  public read(last: string | undefined, signal: AbortSignal): Promise<string> {
    this.lasts.push(last);
    this.signals.push(signal);
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  public async answer(value: string | Error): Promise<void> {
    for (const { resolve, reject } of this.waiting.splice(0)) {
      if (typeof value === 'string') resolve(value);
      else reject(value);
    }
    await turn();
  }
}

let now = 0;
const clock = (): number => now;
const heard: unknown[] = [];
const options = { clock, ttlSeconds: 300, onRefreshError: (error: unknown): void => void heard.push(error) };

beforeEach(() => {
  now = 1_000_000;
  heard.length = 0;
});

async function started(desk: Desk, more: object = {}): Promise<RefreshedValue<string>> {
  const starting = RefreshedValue.start(desk, { ...options, ...more });
  await desk.answer('first');
  return starting;
}

test('a value is read once, however often it is used while it is fresh', async () => {
  const desk = new Desk();
  const value = await started(desk);
  now += 299_999;
  expect([value.current, value.current]).toEqual(['first', 'first']);
  expect(desk.lasts).toEqual([undefined]);
});

test('an old value is given while the next is on its way, for which there is one attempt', async () => {
  const desk = new Desk();
  const value = await started(desk);
  now += 300_000;
  expect([value.current, value.current, value.current]).toEqual(['first', 'first', 'first']);
  expect(desk.lasts).toEqual([undefined, 'first']);
  await desk.answer('second');
  expect(value.current).toBe('second');
  expect(desk.lasts).toHaveLength(2);
});

test('a value stays for five minutes unless it is said', async () => {
  const desk = new Desk();
  const value = await started(desk, { ttlSeconds: undefined });
  now += 299_999;
  expect(value.current).toBe('first');
  expect(desk.lasts).toHaveLength(1);
  now += 1;
  expect(value.current).toBe('first');
  expect(desk.lasts).toHaveLength(2);
});

test('an attempt that fails leaves the last good value, is told, and is repeated after a tenth of the time', async () => {
  const desk = new Desk();
  const value = await started(desk);
  now += 300_000;
  expect(value.current).toBe('first');
  const failure = new Error('down');
  await desk.answer(failure);
  expect(heard).toEqual([failure]);
  now += 29_999;
  expect(value.current).toBe('first');
  expect(desk.lasts).toHaveLength(2);
  now += 1;
  expect(value.current).toBe('first');
  expect(desk.lasts).toEqual([undefined, 'first', 'first']);
  await desk.answer('second');
  expect(value.current).toBe('second');
});

test('a value may be read at once, and is fresh then', async () => {
  const desk = new Desk();
  const value = await started(desk);
  now += 100_000;
  const refreshing = Promise.all([value.refresh(), value.refresh()]);
  await desk.answer('second');
  await refreshing;
  now += 299_999;
  expect(value.current).toBe('second');
  expect(desk.lasts).toHaveLength(2);
});

test('fails with what the reader throws when it is read at once', async () => {
  const desk = new Desk();
  const value = await started(desk);
  const refreshing = expect(value.refresh()).rejects.toThrow('down');
  await desk.answer(new Error('down'));
  await refreshing;
  expect([value.current, heard.length]).toEqual(['first', 1]);
});

test('fails to start without a value to start with', async () => {
  const desk = new Desk();
  const starting = expect(RefreshedValue.start(desk, options)).rejects.toThrow('down');
  await desk.answer(new Error('down'));
  await starting;
  expect(heard).toEqual([]);
});

test('starts with the initial value when the first attempt fails, and reads again soon', async () => {
  const desk = new Desk('initial');
  const starting = RefreshedValue.start(desk, options);
  await desk.answer(new Error('down'));
  const value = await starting;
  expect([value.current, heard.length]).toEqual(['initial', 1]);
  now += 30_000;
  expect(value.current).toBe('initial');
  await desk.answer('first');
  expect(value.current).toBe('first');
});

test('starts with what was read when the first attempt succeeds', async () => {
  expect((await started(new Desk('initial'))).current).toBe('first');
});

test.each<[string, () => unknown]>([
  ['throws', () => {
    throw new Error('listener');
  }],
  ['rejects', () => Promise.reject(new Error('listener'))],
])('a listener that %s harms nobody, takes the place of no error, and is printed once', async (_, onRefreshError) => {
  const printed = jest.spyOn(process, 'emitWarning').mockImplementation();
  try {
    const desk = new Desk();
    const value = await started(desk, { onRefreshError });
    for (let attempt = 0; attempt < 2; attempt++) {
      const refreshing = expect(value.refresh()).rejects.toThrow('down');
      await desk.answer(new Error('down'));
      await refreshing;
    }
    expect(value.current).toBe('first');
    expect(printed.mock.calls).toEqual([[expect.stringMatching(/^onRefreshError failed \(Error: listener\)/), { type: 'AttributionWarning', code: 'refreshListener' }]]);
  } finally {
    printed.mockRestore();
  }
});

test('an attempt that heeds no signal fails all the same, and the next one can be made', async () => {
  const desk = new Desk();
  const value = await started(desk, { timeoutSeconds: 0.001 });
  await expect(value.refresh()).rejects.toMatchObject({ name: 'TimeoutError' });
  const refreshing = value.refresh();
  await desk.answer('second');
  await refreshing;
  expect(value.current).toBe('second');
});

test('an attempt has a signal that ends it', async () => {
  const desk = new Desk();
  await expect(RefreshedValue.start(desk, { ...options, timeoutSeconds: 0.001 })).rejects.toMatchObject({ name: 'TimeoutError' });
  const [signal] = desk.signals;
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('only the first failure is printed when nobody listens', async () => {
  const printed = jest.spyOn(process, 'emitWarning').mockImplementation();
  try {
    const desk = new Desk();
    const value = await started(desk, { onRefreshError: undefined });
    for (const error of [new Error('down'), new Error('still down')]) {
      now += 300_000;
      expect(value.current).toBe('first');
      await desk.answer(error);
    }
    expect(printed.mock.calls).toEqual([[
      'the thing could not be read, and the last good value stays in use: Error: down (further failures are not printed)',
      { type: 'AttributionWarning', code: 'refreshFailed' },
    ]]);
  } finally {
    printed.mockRestore();
  }
});
