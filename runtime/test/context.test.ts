import { withAttribution } from '../src';
import { currentContext, given, withPinnedAttribution } from '../src/context';

test('there is nothing outside of any context, and it is the same nothing', () => {
  expect(currentContext()).toEqual({ pinned: {}, values: {} });
  expect(currentContext()).toBe(currentContext());
});

test('a context is the same object for as long as nobody adds to it', async () => {
  await withAttribution({ feature: 'f' }, async () => {
    const before = currentContext();
    await Promise.resolve();
    expect(currentContext()).toBe(before);
  });
});

test('pinned values and others stay apart, whichever is around the other', () => {
  const both = { pinned: { tenant: 'acme' }, values: { feature: 'f' } };
  expect(withAttribution({ feature: 'f' }, () => withPinnedAttribution({ tenant: 'acme' }, currentContext))).toEqual(both);
  expect(withPinnedAttribution({ tenant: 'acme' }, () => withAttribution({ feature: 'f' }, currentContext))).toEqual(both);
});

test('a pinned value is replaced by a pinned value within', () => {
  const inner = withPinnedAttribution({ tenant: 'acme', plan: 'free' }, () => withPinnedAttribution({ tenant: 'other' }, currentContext));
  expect(inner.pinned).toEqual({ tenant: 'other', plan: 'free' });
});

test('a context gives what its function gives, and throws what it throws', async () => {
  expect(withAttribution({}, () => 7)).toBe(7);
  await expect(withAttribution({}, () => Promise.resolve(7))).resolves.toBe(7);
  expect(() => withPinnedAttribution({}, () => { throw new Error('of the function'); })).toThrow('of the function');
});

test('what is undefined is not given, and does not take away what is around it', () => {
  expect(given({ a: 'x', b: undefined, c: '' })).toEqual({ a: 'x', c: '' });
  expect(withAttribution({ a: 'x' }, () => withAttribution({ a: undefined }, currentContext)).values).toEqual({ a: 'x' });
});

test('another copy of the package sees the same context', () => {
  jest.isolateModules(() => {
    const copy = jest.requireActual<typeof import('../src/context')>('../src/context');
    expect(copy.withAttribution).not.toBe(withAttribution);
    expect(withAttribution({ feature: 'f' }, copy.currentContext).values).toEqual({ feature: 'f' });
  });
});
