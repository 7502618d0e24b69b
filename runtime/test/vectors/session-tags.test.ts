import { Readable } from 'node:stream';
import { STSClient } from '@aws-sdk/client-sts';
import type { HttpRequest } from '@smithy/types';
import { Attribution, attributionSchemaFromJson } from '../../src';
import { TenantCredentials, type TenantCredentialsOptions, type TenantSession } from '../../src/tenants';
import { CapturingClient, COMMANDS, mapOf } from './captured-call';
import { expectError, type Refused, thrownBy } from './expected-error';
import { readVectors, type VectorFile } from './vector-file';

interface Case {
  readonly schema: string;
  readonly options: Partial<TenantCredentialsOptions>;
  readonly values?: Record<string, string>;
  readonly claims?: object;
  readonly expected: Refused | {
    readonly metadata: Record<string, string>;
    readonly sessionName: string;
    readonly tags: Record<string, string>;
    readonly transitiveTagKeys: string[];
    readonly sourceIdentity: string | null;
  };
}

const { schemas, cases } = readVectors('session-tags.json') as VectorFile<Case> & { readonly schemas: Record<string, object> };
const [converse] = COMMANDS.map;
const ANSWER = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

/** A client of STS that keeps the form of each request. */
function capturingSts(forms: URLSearchParams[]): STSClient {
  return new STSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    requestHandler: {
      handle: ({ body }: HttpRequest) => {
        forms.push(new URLSearchParams(body as string));
        return Promise.resolve({ response: { statusCode: 200, headers: { 'content-type': 'text/xml' }, body: Readable.from([Buffer.from(ANSWER)]) } });
      },
    },
  });
}

/** Values of the members of a list, in their order. */
function members(form: URLSearchParams, list: string, field = ''): string[] {
  return [...form].filter(([name]) => name.startsWith(`${list}.member.`) && name.endsWith(field)).map(([, value]) => value);
}

function sessionOf(tenants: TenantCredentials, { values, claims }: Case): TenantSession {
  return claims === undefined ? tenants.session(values ?? {}) : tenants.forRequest(claims);
}

test.each(cases.map(vector => [vector.name, vector] as const))('%s', async (_, vector) => {
  const { expected } = vector;
  const forms: URLSearchParams[] = [];
  const schema = attributionSchemaFromJson(JSON.stringify(schemas[vector.schema]));
  const make = (): TenantCredentials => new TenantCredentials(schema, {
    client: capturingSts(forms), roleArn: 'arn:aws:iam::111122223333:role/Tenant', ...vector.options,
  });
  if ('refused' in expected) {
    expectError(await thrownBy(expected.refused === 'start' ? make : () => sessionOf(make(), vector)), expected);
    expect(forms).toEqual([]);
    return;
  }
  const session = sessionOf(make(), vector);
  await session.credentials();
  const { attribution: base = {}, personalHashKey } = vector.options;
  const perCall = schema.current.keys.filter(({ name }) => !(name in base)).map(({ name }) => name);
  const client = new CapturingClient();
  client.sdk.middlewareStack.use(new Attribution(schema, base, { perCall, personalHashKey, onWarning: () => undefined }));
  expect(mapOf(await session.run(() => client.send(converse())))).toEqual(expected.metadata);
  const [form] = forms;
  expect(session.sessionName).toBe(expected.sessionName);
  expect(form.get('RoleSessionName')).toBe(expected.sessionName);
  const tagKeys = members(form, 'Tags', 'Key');
  const tagValues = members(form, 'Tags', 'Value');
  expect(tagKeys.map((key, index) => [key, tagValues[index]])).toEqual(Object.entries(expected.tags));
  expect(members(form, 'TransitiveTagKeys')).toEqual(expected.transitiveTagKeys);
  expect(form.get('SourceIdentity')).toBe(expected.sourceIdentity);
});
