import { AsyncLocalStorage } from 'node:async_hooks';

/** Values of the calls that are made within a function, as they were given: not checked, personal ones not hashed. */
export interface AttributionContext {
  /** Values that no call site may override, such as the tenant that a gateway has verified. */
  readonly pinned: Readonly<Record<string, string>>;
  /** Values that call sites have set, the inner ones over the outer ones. */
  readonly values: Readonly<Record<string, string>>;
}

/** Values by the names of keys; what is undefined counts as not given. */
export type GivenValues = Readonly<Record<string, string | undefined>>;

// CommonJS and ES modules have a copy of this module each, and must see the same context
const KEY = Symbol.for('bedrock-cost-attribution.context');
const shared = globalThis as { [KEY]?: AsyncLocalStorage<AttributionContext> };
const storage = (shared[KEY] ??= new AsyncLocalStorage<AttributionContext>());

const NOTHING: AttributionContext = { pinned: {}, values: {} };

/** The context of the code that runs now: the same object for as long as nobody adds to it. */
export function currentContext(): AttributionContext {
  return storage.getStore() ?? NOTHING;
}

/**
 * Runs a function whose calls carry these values, over those of the functions around it.
 *
 * The values are checked when a call is made, by the schema and the policy of the client that makes it. `Attribution.withAttribution`
 * is the same function, with the types of a schema.
 *
 * @param values by the names of the keys, such as `{ feature: 'summary' }`
 * @param fn may be asynchronous; whatever it awaits is within
 * @returns what the function returns
 */
export function withAttribution<R>(values: GivenValues, fn: () => R): R {
  const context = currentContext();
  const own = given(values);
  return storage.run({ pinned: context.pinned, values: context === NOTHING ? own : { ...context.values, ...own } }, fn);
}

/** Runs a function whose calls carry these values whatever call sites say. */
export function withPinnedAttribution<R>(values: GivenValues, fn: () => R): R {
  const context = currentContext();
  return storage.run({ pinned: { ...context.pinned, ...given(values) }, values: context.values }, fn);
}

/** The values that are there. */
export function given(values: GivenValues): Record<string, string> {
  // a copy also keeps what a call site names __proto__, and is all that there is to do for nearly every call
  const there = { ...values };
  for (const name of Object.keys(there)) {
    if (there[name] === undefined) Reflect.deleteProperty(there, name);
  }
  return there as Record<string, string>;
}
