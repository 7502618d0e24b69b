import * as fc from 'fast-check';
import type { Problem } from '../../lib/schema';
import { Limits, PrincipalTagSink, ProfileNameSink, ProjectNameSink, RequestMetadataSink, ResourceTagSink, SessionNameSink } from '../../lib/schema';

/*
 * The rules as AWS documents them, written down here a second time: the sinks must not be tested with their own patterns. `\s` of these
 * documents is ASCII white space.
 */
const RESOURCE_TAG_KEY = /^[a-zA-Z0-9\s._:/=+@-]{1,128}$/;
const RESOURCE_TAG_VALUE = /^[a-zA-Z0-9\s._:/=+@-]{0,256}$/;
const PRINCIPAL_TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const PRINCIPAL_TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const METADATA_KEY = /^[a-zA-Z0-9\s:_@$#=/+,\-.]{1,256}$/;
const METADATA_VALUE = /^[a-zA-Z0-9\s:_@$#=/+,\-.]{0,256}$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const PROFILE_NAME = /^(?=.{1,64}$)([0-9a-zA-Z][ _-]?)+$/;

const OTHER_SPACE = /[^\S\t\n\v\f\r ]/;

const oneOfCharacters = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...Array.from(characters));

/** Texts around what is accepted: mostly characters that some sink takes, now and then any other, of lengths across the limits. */
const text = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: oneOfCharacters('abzAZ09 _.:/=+-@,$#\t\n'), maxLength: 300 }),
  fc.string({ unit: oneOfCharacters('aZ9_-'), maxLength: 300 }),
  fc.string({ unit: oneOfCharacters('aé漢٣\u00a0\u2028😀|;"'), maxLength: 140 }),
);

function expectNamed(problems: Problem[]): void {
  for (const { code, path, got, allowed, remedy, message } of problems) {
    for (const part of [code, path, got, allowed, remedy]) expect(part).not.toBe('');
    for (const part of [path, got, allowed, remedy]) expect(message).toContain(part);
  }
}

describe.each<[string, (value: string) => Problem[], (value: string) => boolean]>([
  ['resource tag key', value => ResourceTagSink.validate(value, ''), v => RESOURCE_TAG_KEY.test(v) && !OTHER_SPACE.test(v) && !/^aws:/i.test(v)],
  ['resource tag value', value => ResourceTagSink.validate('team', value), v => RESOURCE_TAG_VALUE.test(v) && !OTHER_SPACE.test(v)],
  ['principal tag key', value => PrincipalTagSink.validate(value, ''), v => PRINCIPAL_TAG_KEY.test(v) && !/^aws:/i.test(v)],
  ['principal tag value', value => PrincipalTagSink.validate('team', value), v => PRINCIPAL_TAG_VALUE.test(v)],
  ['request metadata key', value => RequestMetadataSink.validate(value, ''), v => METADATA_KEY.test(v) && !OTHER_SPACE.test(v)],
  ['request metadata value', value => RequestMetadataSink.validate('team', value), v => METADATA_VALUE.test(v) && !OTHER_SPACE.test(v)],
  ['session name', name => SessionNameSink.validate(name), v => SESSION_NAME.test(v)],
  ['profile name', name => ProfileNameSink.validate(name), v => PROFILE_NAME.test(v)],
  ['project name', value => ProjectNameSink.validate(value), v => /^\P{Cc}{1,256}$/u.test(v)],
])('%s', (_, validate, documented) => {
  test('is accepted exactly when it satisfies the documented pattern and length', () => {
    fc.assert(fc.property(text, value => { expect(validate(value).length === 0).toBe(documented(value)); }), { numRuns: 500 });
  });

  test('is refused with what was given, what is allowed and what to change', () => {
    fc.assert(fc.property(text, value => { expectNamed(validate(value)); }));
  });
});

test('request metadata is accepted exactly when pairs, texts and header are within the limits', () => {
  const part = fc.string({ unit: oneOfCharacters('aZ9:_@$#=/+,.-\n'), maxLength: 260 });
  fc.assert(fc.property(fc.dictionary(part, part, { maxKeys: 18 }), metadata => {
    const pairs = Object.entries(metadata);
    const documented = pairs.length >= 1 && pairs.length <= 16 && JSON.stringify(metadata).length <= 8500
      && pairs.every(([key, value]) => METADATA_KEY.test(key) && METADATA_VALUE.test(value));
    const problems = RequestMetadataSink.validateAll(metadata);
    expect(problems.length === 0).toBe(documented);
    expectNamed(problems);
  }));
});

test('every limit says where and when it was read', () => {
  const limits = Object.values(Limits).filter(limit => typeof limit === 'object');
  expect(limits).toHaveLength(9);
  for (const { url, read } of limits as { url: string; read: string }[]) {
    expect(url).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    expect(read).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});
