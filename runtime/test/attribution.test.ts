import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import type { Problem } from '../../lib/schema';
import {
  Attribution, attribution, type AttributionOptions, defineAttributionSchema, type InferenceProfiles, type SchemaSource,
} from '../src';
import { thrownBy } from './thrown-by';
import { CapturingClient, COMMANDS, HEADER, mapOf, MODEL } from './vectors/captured-call';

interface Key {
  readonly name: string;
  readonly description: string;
}

const key = (name: string, rest: object = {}): Key => ({ name, description: 'Key.', ...rest });
const parsed = (...keys: Key[]): SchemaSource => ({ current: defineAttributionSchema({ version: 1, keys }).current });

const TEAM = key('team', { required: true, allowedValues: ['payments', 'search'] });
const schema = parsed(TEAM, key('feature'), key('squad', { deprecatedInFavourOf: 'team' }));
const BASE = { team: 'payments' };
const [converse] = COMMANDS.map;
const [invoke] = COMMANDS.header;

function codesOf({ problems }: { readonly problems: readonly Problem[] }): string[] {
  return problems.map(({ code, path }) => `${code} ${path}`);
}

describe('at start', () => {
  const made = (base: object, options: AttributionOptions) => (): Attribution => new Attribution(schema, base as never, options);

  test.each([
    ['without a required key', {}, {}, 'missingKey requestMetadata.team'],
    ['with a value that is not allowed', { team: 'ads' }, {}, 'value requestMetadata.team'],
    ['with an unknown key', { ...BASE, colour: 'red' }, {}, 'unknownKey requestMetadata.colour'],
    ['with a secret that is too short', BASE, { personalHashKey: 'short' }, 'personalHashKey personalHashKey'],
    ['with an unknown key per call', BASE, { perCall: ['colour'] }, 'unknownKey perCall'],
    ['with a key per call that the client has', BASE, { perCall: ['team'] }, 'perCall perCall'],
    ['with a key per call that the client has by a deprecated name', { squad: 'pay' }, { perCall: ['team'] }, 'perCall perCall'],
  ])('fails %s', (_, base, options, problem) => {
    const error = thrownBy(made(base, options));
    expect(error.code).toBe('InvalidConfiguration');
    expect(codesOf(error)).toEqual([problem]);
  });

  test('fails with everything that is wrong', () => {
    const error = thrownBy(made({ team: 'ads', colour: 'red' }, { personalHashKey: 'short', perCall: ['colour'] }));
    expect(codesOf(error)).toEqual([
      'personalHashKey personalHashKey', 'unknownKey perCall', 'value requestMetadata.team', 'unknownKey requestMetadata.colour',
    ]);
    expect(error.message.split('\n')).toHaveLength(5);
  });

  test('an undefined value counts as not given', () => {
    expect(new Attribution(schema, { ...BASE, feature: undefined }, {}).base).toEqual(BASE);
  });
});

describe('two clients of one attribution', () => {
  test('carry the same, and each the values of its own call', async () => {
    const calls = attribution(schema, BASE);
    const [one, other] = [new CapturingClient(), new CapturingClient('us-east-1')];
    one.sdk.middlewareStack.use(calls);
    other.sdk.middlewareStack.use(calls);
    const requests = await Promise.all([
      calls.withAttribution({ feature: 'one' }, () => one.send(converse())),
      calls.withAttribution({ feature: 'other' }, () => other.send(invoke())),
    ]);
    expect(mapOf(requests[0])).toEqual({ ...BASE, feature: 'one' });
    expect(JSON.parse(requests[1].headers[HEADER])).toEqual({ ...BASE, feature: 'other' });
  });

  test('a client that was not given the attribution carries nothing', async () => {
    const calls = attribution(schema, BASE);
    const without = new CapturingClient();
    expect(mapOf(await calls.withAttribution({ feature: 'f' }, () => without.send(converse())))).toBeUndefined();
  });
});

test.each(['the same attribution', 'another one'])('fails for a client that has one and is given %s', what => {
  const client = new BedrockRuntimeClient({ region: 'eu-west-1' });
  const calls = attribution(schema, BASE);
  client.middlewareStack.use(calls);
  const error = thrownBy(() => { client.middlewareStack.use(what === 'another one' ? attribution(schema, BASE) : calls); });
  expect(error.code).toBe('InvalidConfiguration');
  expect(codesOf(error)).toEqual(['usedTwice middlewareStack']);
});

describe('values of one command', () => {
  test('are laid over those that it was given before', async () => {
    const source = parsed(TEAM, key('feature'), key('channel'));
    const calls = attribution(source, BASE);
    const client = new CapturingClient();
    client.sdk.middlewareStack.use(calls);
    const command = calls.attribute(calls.attribute(converse(), { feature: 'a', channel: 'web' }), { feature: 'b' });
    expect(mapOf(await client.send(command))).toEqual({ ...BASE, feature: 'b', channel: 'web' });
  });

  test('reach no other command that was made of the same input', async () => {
    const calls = attribution(schema, BASE);
    const client = new CapturingClient();
    client.sdk.middlewareStack.use(calls);
    const input = { modelId: MODEL, messages: [] };
    const [one, other, none] = ['one', 'other', undefined].map(feature => {
      const command = new ConverseCommand(input);
      return feature === undefined ? command : calls.attribute(command, { feature });
    });
    expect(mapOf(await client.send(one))).toEqual({ ...BASE, feature: 'one' });
    expect(mapOf(await client.send(other))).toEqual({ ...BASE, feature: 'other' });
    expect(mapOf(await client.send(none))).toEqual(BASE);
  });

  test('leave the command as it was', () => {
    const command = converse({ feature: 'site' });
    const before = structuredClone(command.input);
    expect(attribution(schema, BASE).attribute(command, { feature: 'f' })).toBe(command);
    expect(command.input).toEqual(before);
  });
});

test('what is stamped cannot be changed by whoever gets it', () => {
  const { metadata } = attribution(schema, BASE).stamp();
  expect(() => { (metadata as Record<string, string>).team = 'search'; }).toThrow(TypeError);
});

describe('a call that is wrong', () => {
  test('is told of with the operation, each time', () => {
    const heard: [string, string | undefined][] = [];
    const calls = attribution(schema, BASE, { onWarning: ({ code }, { operation }) => heard.push([code, operation]) });
    for (const operation of ['Converse', 'Converse', undefined]) calls.withAttribution({ colour: 'red' }, () => calls.stamp(operation));
    expect(heard).toEqual([['unknownKey', 'Converse'], ['unknownKey', 'Converse'], ['unknownKey', undefined]]);
  });

  test('fails with all problems, as a call and not as a client', () => {
    const calls = attribution(schema, BASE, { onInvalid: 'throw' });
    const error = thrownBy(() => calls.withAttribution({ colour: 'red', feature: 'a|b' }, () => calls.stamp('Converse')));
    expect(error.code).toBe('InvalidCallAttribution');
    expect(codesOf(error)).toEqual(['characters requestMetadata.feature', 'unknownKey requestMetadata.colour']);
  });
});

describe('a call of a model', () => {
  const problem: Problem = { code: 'bareModel', path: 'modelId', got: '"m"', allowed: 'a profile', remedy: 'make one', message: 'none' };
  const profiles: InferenceProfiles = { route: (modelId, region) => (modelId === 'm' ? { modelId, problem } : { modelId: `${modelId} in ${region ?? '?'}` }) };

  test('goes by its profile in the Region of the client', () => {
    expect(attribution(schema, BASE, { profiles }).route('n', 'eu-west-1')).toBe('n in eu-west-1');
  });

  test('goes as it is where there are no profiles', () => {
    expect(attribution(schema, BASE).route('m')).toBe('m');
  });

  test('fails when it has no profile', () => {
    const error = thrownBy(() => attribution(schema, BASE, { profiles }).route('m'));
    expect([error.code, error.problems]).toEqual(['BareModelRefused', [problem]]);
  });

  test.each([['warn', [problem]], ['allow', []]] as const)('goes on without a profile under %s', (bareModels, told) => {
    const heard: Problem[] = [];
    const calls = attribution(schema, BASE, { profiles, bareModels, onWarning: warning => { heard.push(warning); } });
    expect(calls.route('m')).toBe('m');
    expect(heard).toEqual(told);
  });

  test.each([['warn', 'bareModel'], ['refuse', undefined]] as const)('is refused whatever becomes of wrong values, and only then: %s', async (bareModels, code) => {
    const heard: Problem[] = [];
    const client = new CapturingClient();
    client.sdk.middlewareStack.use(attribution(schema, BASE, {
      bareModels, onWarning: warning => { heard.push(warning); }, profiles: { route: modelId => ({ modelId, problem }) },
    }));
    const sent = await client.send(converse()).then(() => true, () => false);
    expect(sent).toBe(bareModels === 'warn');
    expect(heard[0]?.code).toBe(code);
  });
});

describe('a schema that changes', () => {
  const first = parsed(TEAM, key('feature')).current;
  const wider = parsed(TEAM, key('feature'), key('channel')).current;
  const stricter = parsed(TEAM, key('feature'), key('tenant', { required: true })).current;

  /** A client whose schema is another one as soon as a test says so. */
  function changing(options: AttributionOptions = {}): { source: { current: typeof first }; calls: Attribution; heard: string[] } {
    const source = { current: first };
    const heard: string[] = [];
    const onWarning: AttributionOptions['onWarning'] = ({ code, path }, { operation }) => { heard.push(`${operation ?? 'start'}: ${code} ${path}`); };
    return { source, heard, calls: new Attribution(source, BASE, { onWarning, ...options }) };
  }

  test('is used from the next call on', () => {
    const { source, calls, heard } = changing();
    const stamp = (): object | undefined => calls.withAttribution({ channel: 'web' }, () => calls.stamp('Converse').metadata);
    expect(stamp()).toEqual(BASE);
    source.current = wider;
    expect(stamp()).toEqual({ ...BASE, channel: 'web' });
    expect(heard).toEqual(['Converse: unknownKey requestMetadata.channel']);
  });

  test('is told anew when another one is refused, and breaks no call though there is another each time', () => {
    const { source, calls, heard } = changing();
    Object.defineProperty(source, 'current', { get: () => parsed(TEAM, key('feature'), key('tenant', { required: true })).current });
    for (let call = 0; call < 2; call++) expect(calls.stamp().metadata).toEqual(BASE);
    expect(heard).toEqual(Array.from({ length: 2 }, () => 'start: missingKey requestMetadata.tenant'));
  });

  test('is used within a context that was there before', () => {
    const { source, calls } = changing();
    calls.withAttribution({ channel: 'web' }, () => {
      calls.stamp();
      source.current = wider;
      expect(calls.stamp().metadata).toEqual({ ...BASE, channel: 'web' });
    });
  });

  test('is refused and told once when the client cannot go on with it', () => {
    const { source, calls, heard } = changing();
    source.current = stricter;
    for (let call = 0; call < 3; call++) expect(calls.stamp('Converse').metadata).toEqual(BASE);
    expect(heard).toEqual(['start: missingKey requestMetadata.tenant']);
  });

  test('is refused without a call failing, where wrong calls do', () => {
    const { source, calls, heard } = changing({ onInvalid: 'throw' });
    source.current = stricter;
    expect(calls.stamp('Converse').metadata).toEqual(BASE);
    expect(heard).toHaveLength(1);
  });

  test('is used again once it has become a good one', () => {
    const { source, calls } = changing();
    source.current = stricter;
    calls.stamp();
    source.current = wider;
    expect(calls.withAttribution({ channel: 'web' }, () => calls.stamp().metadata)).toEqual({ ...BASE, channel: 'web' });
  });

  test('is told again when another bad one follows', () => {
    const { source, calls, heard } = changing();
    source.current = stricter;
    calls.stamp();
    source.current = parsed(key('other')).current;
    calls.stamp();
    expect(heard).toEqual(['start: missingKey requestMetadata.tenant', 'start: unknownKey requestMetadata.team']);
  });

  test('that is refused is not told again on a new day', () => {
    let time = Date.parse('2026-11-21T23:59:59.999Z');
    const { source, calls, heard } = changing({ clock: () => time });
    source.current = stricter;
    calls.stamp();
    time += 1;
    calls.stamp();
    expect(heard).toHaveLength(1);
  });
});

describe('a key that is required from a day on', () => {
  const later = parsed(TEAM, key('tenant', { required: true, requiredFrom: '2027-01-01' }));

  test('is missed from midnight UTC on, in each call', () => {
    let time = Date.parse('2026-12-31T23:59:59.999Z');
    const heard: string[] = [];
    const calls = new Attribution(later, BASE, { clock: () => time, onWarning: ({ code, path }) => heard.push(`${code} ${path}`) });
    expect(calls.stamp().metadata).toEqual(BASE);
    expect(heard).toEqual([]);
    time += 1;
    expect(calls.stamp().metadata).toEqual(BASE);
    calls.stamp();
    expect(heard).toEqual(['missingKey requestMetadata.tenant', 'missingKey requestMetadata.tenant']);
  });

  test('fails a call from that day on, where wrong calls do', () => {
    let time = Date.parse('2026-12-31T12:00:00Z');
    const calls = new Attribution(later, BASE, { clock: () => time, onInvalid: 'throw' });
    calls.stamp();
    time = Date.parse('2027-01-01T00:00:00Z');
    expect(codesOf(thrownBy(() => calls.stamp()))).toEqual(['missingKey requestMetadata.tenant']);
  });

  test('is missed on its day even after a schema was refused', () => {
    let time = Date.parse('2026-12-31T12:00:00Z');
    const heard: string[] = [];
    const source = { current: later.current };
    const calls = new Attribution(source, BASE, { clock: () => time, onWarning: ({ path }, { operation }) => heard.push(`${operation ?? 'start'}: ${path}`) });
    source.current = parsed(key('other')).current;
    calls.stamp('Converse');
    time = Date.parse('2027-01-01T00:00:00Z');
    calls.stamp('Converse');
    expect(heard).toEqual(['start: requestMetadata.team', 'Converse: requestMetadata.tenant']);
  });
});
