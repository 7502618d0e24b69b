/** Is told what happens to a stream while somebody else consumes it. Must not throw. */
export interface StreamWatcher<E> {
  /** The consumer gets an event. */
  event(event: E): void;
  /** The stream has no more events. */
  ended(): void;
  /** The stream breaks. */
  broken(error: unknown): void;
  /** The consumer leaves before the end. */
  left(): void;
}

/**
 * A stream that is as the one given: events, errors, pace and all other members. Nothing is read that the consumer does not ask for, and
 * the consumer gets the very promises of the stream.
 */
export function observeStream<E>(stream: AsyncIterable<E>, watcher: StreamWatcher<E>): AsyncIterable<E> {
  const iterate = (): AsyncIterableIterator<E> => observeIterator(stream[Symbol.asyncIterator](), watcher);
  return Object.create(stream, { [Symbol.asyncIterator]: { value: iterate } }) as AsyncIterable<E>;
}

function observeIterator<E>(iterator: AsyncIterator<E>, watcher: StreamWatcher<E>): AsyncIterableIterator<E> {
  const watch = (step: Promise<IteratorResult<E>>): Promise<IteratorResult<E>> => {
    // an iterator of a plug-in may give what is no promise
    Promise.resolve(step).then(({ done, value }) => {
      if (done === true) watcher.ended();
      else watcher.event(value);
    }, (error: unknown) => {
      watcher.broken(error);
    });
    return step;
  };
  const observed: AsyncIterableIterator<E> = {
    next: (...values) => watch(iterator.next(...values)),
    [Symbol.asyncIterator]: () => observed,
  };
  // an iterator that has no such method must not seem to have one
  const leave = iterator.return?.bind(iterator);
  if (leave !== undefined) {
    observed.return = (...values) => {
      watcher.left();
      return leave(...values);
    };
  }
  const fail = iterator.throw?.bind(iterator);
  if (fail !== undefined) {
    observed.throw = (...errors) => {
      watcher.left();
      return fail(...errors);
    };
  }
  return observed;
}
