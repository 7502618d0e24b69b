import { newProblem } from '../../lib/schema/new-problem';
import { attribution, defineAttributionSchema } from '../src';
import { printedOnce } from '../src/warnings';

const problem = (code: string, path = 'p', got = 'x'): ReturnType<typeof newProblem> => newProblem({ code, path, got, allowed: 'y', remedy: 'z' });

let emitted: jest.SpyInstance;

beforeEach(() => {
  emitted = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(() => {
  emitted.mockRestore();
});

test('a warning is one of the process, of a type of its own and with its code', () => {
  printedOnce()(problem('unknownKey'), { operation: 'Converse' });
  expect(emitted.mock.calls).toEqual([['Converse: p: got "x", allowed is y; z', { type: 'AttributionWarning', code: 'unknownKey' }]]);
});

test('a warning outside of a call names no operation', () => {
  printedOnce()(problem('unknownKey'), {});
  expect(emitted).toHaveBeenCalledWith('p: got "x", allowed is y; z', expect.anything());
});

test('a warning of one code and path is printed once, whatever was given', () => {
  const listener = printedOnce();
  for (const got of ['x', 'y', 'z']) listener(problem('value', 'p', got), { operation: got });
  expect(emitted).toHaveBeenCalledTimes(1);
});

test('a model without a profile is printed once for each model', () => {
  const listener = printedOnce();
  for (const got of ['amazon.nova-lite-v1:0', 'amazon.nova-pro-v1:0', 'amazon.nova-lite-v1:0']) listener(problem('bareModel', 'modelId', got), {});
  expect(emitted).toHaveBeenCalledTimes(2);
});

test('another code or another path is another warning', () => {
  const listener = printedOnce();
  for (const each of [problem('a', 'p'), problem('b', 'p'), problem('a', 'q')]) listener(each, {});
  expect(emitted).toHaveBeenCalledTimes(3);
});

test('each client prints its own', () => {
  printedOnce()(problem('a'), {});
  printedOnce()(problem('a'), {});
  expect(emitted).toHaveBeenCalledTimes(2);
});

test('after 100 different warnings there are no more, and the last one says so', () => {
  const listener = printedOnce();
  for (let index = 0; index < 150; index++) listener(problem('unknownKey', `p${index}`), {});
  const texts = emitted.mock.calls.map(([text]) => text as string);
  expect(texts).toHaveLength(100);
  expect(texts.filter(text => text.includes('further kinds of warnings are not printed'))).toEqual([texts[99]]);
});

test('a client without a listener prints', () => {
  const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'feature', description: 'Feature.' }] });
  const calls = attribution(schema, {});
  for (let call = 0; call < 3; call++) calls.withAttribution({ feature: 'a|b' }, () => calls.stamp('Converse'));
  expect(emitted).toHaveBeenCalledTimes(1);
  expect(emitted).toHaveBeenCalledWith(expect.stringMatching(/^Converse: requestMetadata\.feature: got "a\|b"/), { type: 'AttributionWarning', code: 'characters' });
});

test.each([
  ['throws', () => { throw new Error('no metrics'); }],
  ['rejects', (): unknown => Promise.reject(new Error('no metrics'))],
])('a listener that %s breaks no call, and is told of once', async (_, onWarning) => {
  const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'feature', description: 'Feature.' }] });
  const calls = attribution(schema, {}, { onWarning });
  for (let call = 0; call < 3; call++) expect(calls.withAttribution({ feature: 'a|b' }, () => calls.stamp('Converse'))).toEqual({});
  await Promise.resolve();
  expect(emitted.mock.calls).toEqual([[expect.stringContaining('the listener of warnings failed (Error: no metrics)'), { type: 'AttributionWarning', code: 'onWarning' }]]);
});
