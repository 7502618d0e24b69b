import type { Problem } from '../../lib/schema';
import { PrincipalTagSink, ProfileNameSink, ProjectNameSink, RequestMetadataSink, ResourceTagSink, SessionNameSink } from '../../lib/schema';

const codes = (problems: Problem[]): string[] => problems.map(({ code }) => code);
const x = (length: number): string => 'x'.repeat(length);
const pairs = (count: number, value = 'v'): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));

test.each<[string, (text: string) => Problem[], number, number]>([
  ['resource tag key', key => ResourceTagSink.validate(key, ''), 1, 128],
  ['resource tag value', value => ResourceTagSink.validate('k', value), 0, 256],
  ['principal tag key', key => PrincipalTagSink.validate(key, ''), 1, 128],
  ['principal tag value', value => PrincipalTagSink.validate('k', value), 0, 256],
  ['request metadata key', key => RequestMetadataSink.validate(key, ''), 1, 256],
  ['request metadata value', value => RequestMetadataSink.validate('k', value), 0, 256],
  ['session name', name => SessionNameSink.validate(name), 2, 64],
  ['profile name', name => ProfileNameSink.validate(name), 1, 64],
  ['project name', name => ProjectNameSink.validate(name), 1, 128],
])('a %s may have its shortest and its longest length, and not one character less or more', (_, validate, min, max) => {
  expect(codes(validate(x(min)))).toEqual([]);
  expect(codes(validate(x(max)))).toEqual([]);
  expect(codes(validate(x(max + 1)))).toEqual(['length']);
  if (min > 0) expect(codes(validate(x(min - 1)))).toEqual(['length']);
});

test.each([
  ['resource tags', (tags: Record<string, string>) => ResourceTagSink.validateAll(tags), 200],
  ['principal tags', (tags: Record<string, string>) => PrincipalTagSink.validateAll(tags), 50],
  ['request metadata', (tags: Record<string, string>) => RequestMetadataSink.validateAll(tags), 16],
])('%s may be as many as the limit and not one more', (_, validate, max) => {
  expect(codes(validate(pairs(max)))).toEqual([]);
  expect(codes(validate(pairs(max + 1)))).toEqual(['count']);
});

test('characters outside of the basic plane count once', () => {
  expect(PrincipalTagSink.validate('𝒌'.repeat(128), '')).toEqual([]);
});

test.each(['aws:team', 'AWS:team', 'Aws:'])('fails for the tag key %j, which AWS keeps', key => {
  expect(codes(ResourceTagSink.validate(key, ''))).toEqual(['reservedTagPrefix']);
  expect(codes(PrincipalTagSink.validate(key, ''))).toEqual(['reservedTagPrefix']);
});

test('fails for principal tags that differ in case only, which resources may have', () => {
  expect(codes(PrincipalTagSink.validateAll({ team: 'a', Team: 'a' }))).toEqual(['duplicateTagKey']);
  expect(codes(ResourceTagSink.validateAll({ team: 'a', Team: 'a' }))).toEqual([]);
});

test('fails for an empty map of request metadata, while empty tags are fine', () => {
  expect(RequestMetadataSink.validateAll({})).toMatchObject([{ code: 'count', remedy: 'send no request metadata at all instead of an empty map' }]);
  expect(ResourceTagSink.validateAll({})).toEqual([]);
  expect(PrincipalTagSink.validateAll({})).toEqual([]);
});

test('takes sixteen pairs of the greatest size', () => {
  const biggest = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`${index}`.padEnd(256, 'k'), x(256)]));
  expect(RequestMetadataSink.validateAll(biggest)).toEqual([]);
});

test('counts a line break twice in the header, as its JSON does: 8,500 characters fit, 8,501 do not', () => {
  const sized = (length: number): Record<string, string> => {
    const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`${index}`.padEnd(256, 'k'), x(256)]));
    const missing = length - JSON.stringify(metadata).length;
    return { ...metadata, ['0'.padEnd(256, 'k')]: '\n'.repeat(missing) + x(256 - missing) };
  };
  expect(JSON.stringify(sized(8500))).toHaveLength(8500);
  expect(RequestMetadataSink.validateAll(sized(8500))).toEqual([]);
  expect(codes(RequestMetadataSink.validateAll(sized(8501)))).toEqual(['headerLength']);
});

test.each(['auth0|id', 'a(b)', 'a;b', 'a"b', "a'b", 'a\\b', 'a*b', 'a&b', 'a%b', 'a!b', 'a?b', 'a~b', 'a[b]', 'a{b}', 'é', 'a\u00a0b'])(
  'fails for the request metadata value %j', value => {
    expect(codes(RequestMetadataSink.validate('k', value))).toEqual(['characters']);
  });

test.each(['a/b', 'a|b', 'a:b', 'a b', 'a#b', 'aé'])('fails for the session name %j', name => {
  expect(codes(SessionNameSink.validate(name))).toEqual(['characters']);
});

test.each(['-a', 'a--b', 'a _b', ' a', 'a.b', 'a/b'])('fails for the profile name %j', name => {
  expect(codes(ProfileNameSink.validate(name))).toEqual(['characters']);
});

test.each(['a', 'a-', 'team search', 'A_1-b'])('takes the profile name %j', name => {
  expect(ProfileNameSink.validate(name)).toEqual([]);
});

test.each(['a\nb', 'a\u0000b'])('fails for the project name %j', name => {
  expect(codes(ProjectNameSink.validate(name))).toEqual(['characters']);
});

test('takes a project name in any script', () => {
  expect(ProjectNameSink.validate('Payments team/α')).toEqual([]);
});
