import { compileAll } from './compile';

/** What stands before each of the snippets. */
const PREAMBLE = `
import {
  attribution, attributionSchemaFromJson, defineAttributionSchema,
  type Attribution, type AttributionValues, type BaseValues, type CallValues, type KeyName, type RequiredKeyName, type SchemaSource,
} from 'bedrock-cost-attribution-runtime';
const schema = defineAttributionSchema({
  version: 3,
  keys: [
    { name: 'team', description: 'Team.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'service', description: 'Service.', required: true },
    { name: 'env', description: 'Stage.', required: true, allowedValues: ['dev', 'prod'] },
    { name: 'feature', description: 'Feature.' },
    { name: 'channel', description: 'Channel.', allowedValues: ['web', 'batch'] },
    { name: 'user_hash', description: 'Caller.', personal: true },
    { name: 'tenant', description: 'Tenant.', required: true, requiredFrom: '2027-01-01' },
    { name: 'squad', description: 'Former team.', required: true, deprecatedInFavourOf: 'team' },
    { name: 'cost_center', description: 'Cost centre.', required: true, carriers: ['resourceTag'] },
    { name: 'project', description: 'Project.', required: true, carriers: ['resourceTag', 'requestMetadata'] },
  ],
});
type D = typeof schema extends SchemaSource<infer Definition> ? Definition : never;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const same = <A, B>(holds: Same<A, B>): boolean => holds;
const BASE = { team: 'payments', service: 'checkout', env: 'prod', project: 'p' } as const;
const calls = attribution(schema, BASE);
const wide = attributionSchemaFromJson('{}');
`;

const RIGHT = {
  'the names of the keys are known': `same<KeyName<D>,
    'team' | 'service' | 'env' | 'feature' | 'channel' | 'user_hash' | 'tenant' | 'squad' | 'cost_center' | 'project'>(true);`,
  'keys are required that are so now, are not deprecated, and ride on request metadata': `
    same<RequiredKeyName<D>, 'team' | 'service' | 'env' | 'project'>(true);`,
  'a key with allowed values has these as its type': `same<AttributionValues<D>['team'], 'payments' | 'search' | undefined>(true);`,
  'a key without allowed values is a string': `same<AttributionValues<D>['service'], string | undefined>(true);`,
  'required keys must be among the values of a client, and optional ones need not': `
    same<BaseValues<D>['team'], 'payments' | 'search'>(true);
    same<BaseValues<D>['feature'], string | undefined>(true);`,
  'a required key that comes with each call need not be among the values of a client': `
    same<BaseValues<D, 'team'>['team'], 'payments' | 'search' | undefined>(true);
    same<BaseValues<D, 'team'>['service'], string>(true);`,
  'a call has the keys that the client does not have': `
    same<keyof CallValues<D, 'team' | 'service'>, 'env' | 'feature' | 'channel' | 'user_hash' | 'tenant' | 'squad' | 'cost_center' | 'project'>(true);`,
  'literals need no "as const"': `attribution(schema, { team: 'search', service: 'checkout', env: 'dev', project: 'p' });`,
  'optional, personal, deprecated, later required and tag-only keys may be given': `
    attribution(schema, { ...BASE, feature: 'f', user_hash: 'ann', squad: 's', tenant: 't', cost_center: '4711' });`,
  'the client knows the keys that it was made with': `
    const typed: Attribution<D, 'team' | 'service' | 'env' | 'project'> = attribution(schema, { team: 'search', service: 's', env: 'dev', project: 'p' });`,
  'perCall takes the names of required keys': `
    const some = attribution(schema, { service: 'checkout', env: 'prod', project: 'p' }, { perCall: ['team'] });
    some.withAttribution({ team: 'search' }, () => undefined);`,
  'perCall takes keys that are required later, and any key of a schema that is known at run time only': `
    attribution(schema, BASE, { perCall: ['tenant'] });
    attribution(wide, {}, { perCall: ['tenant'] });`,
  'perCall may name them all': `attribution(schema, {}, { perCall: ['team', 'service', 'env', 'project'] });`,
  'a context may have the keys that the client does not have': `
    calls.withAttribution({ feature: 'f', channel: 'web', user_hash: 'ann' }, () => undefined);`,
  'a context gives what its function gives': `
    same<typeof given, Promise<number>>(true);
    const given = calls.withAttribution({ feature: 'f' }, () => Promise.resolve(1));`,
  'a command comes back as what it was': `
    class Command { constructor(readonly input: { readonly modelId: string }) {} }
    const command: Command = calls.attribute(new Command({ modelId: 'm' }), { channel: 'batch' });`,
  'undefined counts as not given': `calls.withAttribution({ feature: undefined }, () => undefined);`,
  'a schema from JSON takes any key and any text': `
    const some = attribution(wide, { team: 'ads', anything: 'x' });
    some.withAttribution({ whatever: 'y' }, () => undefined);
    same<KeyName<typeof wide extends SchemaSource<infer W> ? W : never>, string>(true);`,
  'a schema from JSON is as strict as the definition that it is given': `
    const typed = attributionSchemaFromJson<D>('{}');
    attribution(typed, { team: 'search', service: 'checkout', env: 'dev', project: 'p' });`,
  'a definition in a constant has its types with "as const"': `
    const definition = { version: 1, keys: [{ name: 'team', description: 'Team.', required: true, allowedValues: ['a', 'b'] }] } as const;
    const strict = defineAttributionSchema(definition);
    same<RequiredKeyName<typeof definition>, 'team'>(true);
    attribution(strict, { team: 'a' });`,
};

/** Snippets that must not compile, with the code and the words of the error. */
const WRONG: Record<string, readonly [snippet: string, code: string, words: RegExp]> = {
  'a key of the client that the schema does not know': [
    `attribution(schema, { ...BASE, colour: 'red' });`, 'colour', /not assignable to type 'never'/],
  'a key of the client in another case': [
    `attribution(schema, { ...BASE, Feature: 'f' });`, 'Feature', /not assignable to type 'never'/],
  'a value of the client that is not allowed': [
    `attribution(schema, { team: 'ads', service: 'checkout', env: 'prod', project: 'p' });`, 'team', /"ads"' is not assignable to type '"payments" \| "search"/],
  'a client without a required key': [
    `attribution(schema, { team: 'search', env: 'prod', project: 'p' });`, '', /'service' is missing/],
  'a client with a required key that is undefined': [
    `attribution(schema, { ...BASE, service: undefined });`, 'service', /not assignable to type 'string'/],
  'a client with a value that is no text': [
    `attribution(schema, { ...BASE, feature: 1 });`, 'feature', /'number' is not assignable/],
  'a client without a required key, when another one comes with each call': [
    `attribution(schema, { env: 'prod', project: 'p' }, { perCall: ['team'] });`, '', /'service' is missing/],
  'a key per call that the schema does not know': [
    `attribution(schema, BASE, { perCall: ['colour'] });`, `'colour'`, /not assignable/],
  'a key of a context that the schema does not know': [
    `calls.withAttribution({ colour: 'red' }, () => undefined);`, 'colour', /does not exist in type/],
  'a value of a context that is not allowed': [
    `calls.withAttribution({ channel: 'fax' }, () => undefined);`, 'channel', /'"fax"' is not assignable to type '"web" \| "batch"/],
  'a key of the client in a context': [
    `calls.withAttribution({ team: 'search' }, () => undefined);`, 'team', /does not exist in type/],
  'a key of the client on a command': [
    `calls.attribute({ input: {} }, { team: 'search' });`, 'team', /does not exist in type/],
  'a value on a command that is not allowed': [
    `calls.attribute({ input: {} }, { channel: 'fax' });`, 'channel', /'"fax"' is not assignable/],
  'something without an input as a command': [
    `calls.attribute({}, { channel: 'web' });`, '{}', /'input' is missing/],
  'a policy that there is not': [
    `attribution(schema, BASE, { onInvalid: 'ignore' });`, 'onInvalid', /'"ignore"' is not assignable/],
  'a schema whose key has no description': [
    `defineAttributionSchema({ version: 1, keys: [{ name: 'team' }] });`, '', /'description' is missing/],
  'a schema with a carrier that there is not': [
    `defineAttributionSchema({ version: 1, keys: [{ name: 'team', description: 'Team.', carriers: ['header'] }] });`, '', /'"header"' is not assignable/],
  'a wrong value, when the schema is read at run time with its definition': [
    `attribution(attributionSchemaFromJson<D>('{}'), { ...BASE, team: 'ads' });`, 'team', /'"ads"' is not assignable/],
  'a value that is no text, when nothing is known of the schema': [
    `attribution(wide, { team: 1 });`, 'team', /'number' is not assignable/],
};

const found = compileAll(Object.fromEntries(
  [...Object.entries(RIGHT), ...Object.entries(WRONG).map(([name, [snippet]]) => [name, snippet] as const)].map(([name, snippet]) => [name, `${PREAMBLE}${snippet}`]),
));

test.each(Object.keys(RIGHT))('%s', name => {
  expect(found[name]).toBe('');
});

test.each(Object.entries(WRONG))('fails to compile: %s', (name, [, code, words]) => {
  expect(found[name]).toMatch(words);
  expect(found[name].split(': ')[0]).toContain(code);
});
