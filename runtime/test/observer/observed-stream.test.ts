import { observeStream, type StreamWatcher } from '../../src/observer/observed-stream';

/** Writes down what it is told. */
class Notes implements StreamWatcher<number> {
  public readonly lines: string[] = [];
  public event(event: number): void {
    this.lines.push(`event ${event}`);
  }

  public ended(): void {
    this.lines.push('ended');
  }

  public broken(error: unknown): void {
    this.lines.push(`broken ${(error as Error).message}`);
  }

  public left(): void {
    this.lines.push('left');
  }
}

/** A stream that has no more than it must, and counts how often it is asked. */
class Countdown {
  public asked = 0;
  public readonly steps: Promise<IteratorResult<number>>[] = [];
  public readonly name = 'countdown';

  public describe(): string {
    return `${this.name} asked ${this.asked} times`;
  }

  public [Symbol.asyncIterator](): AsyncIterator<number> {
    return {
      next: () => {
        const step = Promise.resolve<IteratorResult<number>>(this.asked < 2 ? { value: this.asked } : { done: true, value: undefined });
        this.asked++;
        this.steps.push(step);
        return step;
      },
    };
  }
}

test('the consumer gets the promises of the stream itself, one for each that it asks for', async () => {
  const [stream, notes] = [new Countdown(), new Notes()];
  const iterator = observeStream(stream, notes)[Symbol.asyncIterator]();
  expect(stream.asked).toBe(0);
  const step = iterator.next();
  expect(step).toBe(stream.steps[0]);
  await step;
  await new Promise(setImmediate);
  expect(stream.asked).toBe(1);
  expect(notes.lines).toEqual(['event 0']);
});

test('the watcher is told before the consumer goes on', async () => {
  const notes = new Notes();
  const heard: number[] = [];
  for await (const event of observeStream(new Countdown(), notes)) {
    expect(notes.lines).toHaveLength(event + 1);
    heard.push(event);
  }
  expect(heard).toEqual([0, 1]);
  expect(notes.lines).toEqual(['event 0', 'event 1', 'ended']);
});

test('all other members of the stream are there', () => {
  const stream = observeStream(new Countdown(), new Notes()) as unknown as Countdown;
  expect(stream).toBeInstanceOf(Countdown);
  expect(stream.describe()).toBe('countdown asked 0 times');
});

test('an iterator without return and throw has none', () => {
  const iterator = observeStream(new Countdown(), new Notes())[Symbol.asyncIterator]();
  expect(iterator).not.toHaveProperty('return');
  expect(iterator).not.toHaveProperty('throw');
});

test('what a generator cleans up is cleaned up when its consumer leaves', async () => {
  const cleaned: string[] = [];
  async function* generate(): AsyncGenerator<number> {
    try {
      yield await Promise.resolve(1);
      yield 2;
    } finally {
      cleaned.push('cleaned');
    }
  }
  const notes = new Notes();
  for await (const event of observeStream(generate(), notes)) {
    expect(event).toBe(1);
    break;
  }
  expect(cleaned).toEqual(['cleaned']);
  expect(notes.lines).toEqual(['event 1', 'left']);
});

test('an iterator that gives no promises, as a loop allows, is watched as well', async () => {
  const notes = new Notes();
  const stream = { [Symbol.asyncIterator]: () => ({ next: () => ({ done: true, value: undefined }) }) } as unknown as AsyncIterable<number>;
  for await (const event of observeStream(stream, notes)) throw new Error(`event ${event}`);
  expect(notes.lines).toEqual(['ended']);
});

test('fails with the error of the stream, unchanged', async () => {
  const error = new Error('cut');
  const notes = new Notes();
  const stream: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
  await expect(observeStream(stream, notes)[Symbol.asyncIterator]().next()).rejects.toBe(error);
  expect(notes.lines).toEqual(['broken cut']);
});
