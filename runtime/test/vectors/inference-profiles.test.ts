import { ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { attribution, defineAttributionSchema } from '../../src';
import { inferenceProfiles, type InferenceProfileEntries, type RoutingOptions } from '../../src/profiles';
import { CapturingClient } from './captured-call';
import { expectError, type Refused, thrownBy } from './expected-error';
import { readVectors, type VectorFile } from './vector-file';

interface Case {
  readonly profiles: InferenceProfileEntries;
  readonly fallback?: RoutingOptions['fallback'];
  readonly modelId?: string;
  readonly region?: string;
  readonly expected: { readonly modelId: string } | Refused;
}

const { cases } = readVectors('inference-profiles.json') as VectorFile<Case>;
const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'feature', description: 'Feature.' }] });

test.each(cases.map(vector => [vector.name, vector] as const))('%s', async (_, { profiles: entries, fallback, modelId, region, expected }) => {
  if ('refused' in expected && expected.refused === 'start') {
    expectError(await thrownBy(() => inferenceProfiles(entries, { fallback })), expected);
    return;
  }
  const profiles = inferenceProfiles(entries, { fallback });
  const commands = [
    new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'Hello' }] }] }),
    new InvokeModelCommand({ modelId, body: '{}', contentType: 'application/json' }),
  ];
  for (const command of commands) {
    const client = new CapturingClient(region);
    client.sdk.middlewareStack.use(attribution(schema, {}, { profiles }));
    if ('refused' in expected) {
      expectError(await thrownBy(() => client.send(command)), expected);
      expect(client.requests).toEqual([]);
    } else {
      const { path } = await client.send(command);
      expect(decodeURIComponent(path.split('/')[2])).toBe(expected.modelId);
    }
  }
});
