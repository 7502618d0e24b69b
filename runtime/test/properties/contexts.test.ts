import * as fc from 'fast-check';
import { Attribution, attribution, type GivenValues, withAttribution } from '../../src';
import { given, withPinnedAttribution } from '../../src/context';
import { BASE, legalText, schema, wideSchema } from './arbitraries';

const calls = new Attribution(wideSchema, {}, { onInvalid: 'throw' });
const NAMES = Array.from({ length: 16 }, (_, index) => `k${index}`);
const values = fc.dictionary(fc.constantFrom(...NAMES), fc.option(legalText, { nil: undefined }));

/** The pairs that a call made now would carry. */
const carried = (): Record<string, string> => ({ ...calls.stamp().metadata });

test('nested contexts are laid over each other like objects that are spread', () => {
  fc.assert(fc.property(fc.array(values, { maxLength: 6 }), layers => {
    const inner = layers.reduceRight<() => Record<string, string>>((fn, layer) => () => withAttribution(layer, fn), carried);
    const expected = layers.reduce<Record<string, string>>((all, layer) => ({ ...all, ...given(layer) }), {});
    expect(Object.entries(inner())).toEqual(Object.entries(expected));
  }));
});

test('a context ends with its function', () => {
  fc.assert(fc.property(values, values, fc.boolean(), (outer, inner, throws) => {
    withAttribution(outer, () => {
      const before = carried();
      try {
        withAttribution(inner, () => {
          if (throws) throw new Error('of the function');
        });
      } catch (error) {
        expect(error).toEqual(new Error('of the function'));
      }
      expect(carried()).toEqual(before);
    });
    expect(carried()).toEqual({});
  }));
});

test('pinned values win over contexts, outside of them and within', () => {
  fc.assert(fc.property(values, values, values, (outer, pinned, inner) => {
    const warned = new Attribution(wideSchema, {}, { onWarning: () => undefined });
    const stamp = withAttribution(outer, () => withPinnedAttribution(pinned, () => withAttribution(inner, () => warned.stamp())));
    expect(stamp.metadata ?? {}).toEqual({ ...given(outer), ...given(inner), ...given(pinned) });
  }));
});

test('a context does not see what is done to its values later', () => {
  const mutable = { k1: 'before' };
  withAttribution(mutable, () => {
    mutable.k1 = 'after';
    expect(carried()).toEqual({ k1: 'before' });
  });
});

/** Contexts within another one, each with the number of times that it waits. */
const branches = fc.array(fc.tuple(values, fc.integer({ min: 0, max: 2 })), { maxLength: 3 });

test('contexts that run at the same time never see each other, whatever the order in which they go on', async () => {
  await fc.assert(fc.asyncProperty(
    fc.scheduler(),
    fc.array(fc.tuple(values, branches), { minLength: 2, maxLength: 6 }),
    async (scheduler, tasks) => {
      const pause = async (times: number): Promise<void> => {
        for (let time = 0; time < times; time++) await scheduler.schedule(Promise.resolve());
      };
      const run = async (outer: GivenValues, inners: [GivenValues, number][]): Promise<void> => {
        await withAttribution(outer, async () => {
          expect(carried()).toEqual(given(outer));
          await pause(1);
          // branches of one context run at the same time too
          await Promise.all(inners.map(([inner, times]) => withAttribution(inner, async () => {
            await pause(times);
            expect(carried()).toEqual({ ...given(outer), ...given(inner) });
          })));
          await pause(1);
          expect(carried()).toEqual(given(outer));
        });
        expect(carried()).toEqual({});
      };
      const all = Promise.all(tasks.map(([outer, inners]) => run(outer, inners)));
      await scheduler.waitFor(all);
      expect(carried()).toEqual({});
    },
  ));
});

test('values of one command reach no other command', () => {
  const client = attribution(schema, BASE, { onInvalid: 'throw' });
  fc.assert(fc.property(fc.array(legalText, { minLength: 1, maxLength: 20 }), texts => {
    const commands = texts.map(text => client.attribute({ input: {} }, { feature: text }));
    const without = { input: {} };
    expect(commands.map(({ input }) => client.stamp('InvokeModel', input).metadata?.feature)).toEqual(texts);
    expect(client.stamp('InvokeModel', without.input).metadata).toEqual(BASE);
  }));
});
