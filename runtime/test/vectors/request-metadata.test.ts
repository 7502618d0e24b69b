import type { HttpRequest } from '@smithy/types';
import { Attribution, attributionSchemaFromJson, type AttributionOptions, withAttribution } from '../../src';
import { withPinnedAttribution } from '../../src/context';
import { CapturingClient, COMMANDS, HEADER, mapOf, type SendableCommand } from './captured-call';
import { byCodeAndPath, expectError, type ProblemId, type Refused, thrownBy } from './expected-error';
import { readVectors, type VectorFile } from './vector-file';

type Values = Record<string, string>;

interface Case {
  readonly schema: string;
  readonly base: Values;
  readonly day: string;
  readonly perCall?: string[];
  readonly onInvalid?: AttributionOptions['onInvalid'];
  readonly callerMetadataPolicy?: AttributionOptions['callerMetadata'];
  readonly personalHashKey?: string;
  readonly pinned?: Values;
  readonly contexts?: Values[];
  readonly callerMetadata?: Values | string;
  readonly command?: Values;
  readonly expected:
    | { readonly metadata: Values | null; readonly header: string | null; readonly warnings: ProblemId[] }
    | Refused;
}

const { schemas, cases } = readVectors('request-metadata.json') as VectorFile<Case> & { readonly schemas: Record<string, object> };

function made({ schema, base, day, callerMetadataPolicy, perCall, onInvalid, personalHashKey }: Case, warnings: ProblemId[]): Attribution {
  return new Attribution(attributionSchemaFromJson(JSON.stringify(schemas[schema])), base, {
    perCall,
    onInvalid,
    personalHashKey,
    callerMetadata: callerMetadataPolicy,
    clock: () => Date.parse(`${day}T12:00:00Z`),
    onWarning: problem => { warnings.push(problem); },
  });
}

/** Runs a function within the contexts of a case. */
function within<R>({ pinned, contexts = [] }: Case, fn: () => R): R {
  const inContexts = contexts.reduceRight<() => R>((inner, values) => () => withAttribution(values, inner), fn);
  return pinned === undefined ? inContexts() : withPinnedAttribution(pinned, inContexts);
}

/** The commands that can say what a case wants to be said. */
function commandsOf({ callerMetadata }: Case): { readonly carriedAs: keyof typeof COMMANDS; readonly command: SendableCommand }[] {
  const text = typeof callerMetadata === 'object' ? JSON.stringify(callerMetadata) : callerMetadata;
  const withMap = typeof callerMetadata === 'string' ? [] : COMMANDS.map.map(make => ({ carriedAs: 'map' as const, command: make(callerMetadata) }));
  return [...withMap, ...COMMANDS.header.map(make => ({ carriedAs: 'header' as const, command: make(text) }))];
}

function expectOnWire(carriedAs: keyof typeof COMMANDS, request: HttpRequest, metadata: Values | null, header: string | null): void {
  if (carriedAs === 'map') {
    // as text, because the order counts as well
    expect(JSON.stringify(mapOf(request))).toBe(metadata === null ? undefined : JSON.stringify(metadata));
    expect(request.headers[HEADER]).toBeUndefined();
    return;
  }
  expect(request.headers[HEADER]).toBe(header ?? undefined);
  expect(request.headers.authorization.includes(HEADER)).toBe(header !== null);
}

test.each(cases.map(vector => [vector.name, vector] as const))('%s', async (_, vector) => {
  const { expected } = vector;
  if ('refused' in expected && expected.refused === 'start') {
    expectError(await thrownBy(() => made(vector, [])), expected);
    return;
  }
  for (const { carriedAs, command } of commandsOf(vector)) {
    const warnings: ProblemId[] = [];
    const calls = made(vector, warnings);
    const client = new CapturingClient();
    client.sdk.middlewareStack.use(calls);
    if (vector.command !== undefined) calls.attribute(command, vector.command);
    const send = (): Promise<HttpRequest> => within(vector, () => client.send(command));
    if ('refused' in expected) {
      expectError(await thrownBy(send), expected);
      expect(client.requests).toEqual([]);
    } else {
      expectOnWire(carriedAs, await send(), expected.metadata, expected.header);
      expect(byCodeAndPath(warnings)).toEqual(byCodeAndPath(expected.warnings));
    }
  }
});

test('each policy and each way to be refused has cases', () => {
  const ways = cases.map(({ onInvalid = 'drop-and-warn', expected }) => `${onInvalid} ${'refused' in expected ? expected.error : 'sent'}`);
  expect([...new Set(ways)]).toEqual(expect.arrayContaining([
    'drop-and-warn sent', 'sanitise-and-warn sent', 'throw InvalidCallAttribution', 'drop-and-warn InvalidConfiguration', 'drop-and-warn CallerMetadataRefused',
  ]));
});
