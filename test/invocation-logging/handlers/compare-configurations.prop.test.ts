import * as fc from 'fast-check';
import { fingerprint, sameConfiguration } from '../../../lib/invocation-logging/handlers/compare-configurations.lambda-shared';

// few values, so that equal pairs are common
const destination = fc.record({ bucketName: fc.constantFrom('a', 'b'), keyPrefix: fc.constantFrom('x', 'y') }, { requiredKeys: ['bucketName'] });
const configuration = fc.record({
  s3Config: destination,
  cloudWatchConfig: fc.record(
    { logGroupName: fc.constantFrom('g', 'h'), roleArn: fc.constant('r'), largeDataDeliveryS3Config: destination },
    { requiredKeys: ['logGroupName', 'roleArn'] },
  ),
  textDataDeliveryEnabled: fc.boolean(),
  audioDataDeliveryEnabled: fc.boolean(),
}, { requiredKeys: [] });

/** The same settings as the service might report them: in another order, switches that are off unsaid, prefixes with slashes. */
function reworded(value: object): object {
  const settings = Object.entries(value).reverse().filter(([, setting]) => setting !== false);
  return Object.fromEntries(settings.map(([name, setting]: [string, unknown]) => {
    if (name === 'keyPrefix') return [name, `/${String(setting)}/`];
    return [name, typeof setting === 'object' && setting !== null ? reworded(setting) : setting];
  }));
}

test('a configuration is the same as its own rewording', () => {
  fc.assert(fc.property(configuration, given => sameConfiguration(given, reworded(given))));
});

test('two configurations have one fingerprint exactly when they are the same', () => {
  fc.assert(fc.property(configuration, configuration, (a, b) => sameConfiguration(a, b) === (fingerprint(a) === fingerprint(b))));
});

test('a configuration with one setting changed is another', () => {
  fc.assert(fc.property(configuration, given => {
    const changed = { ...given, textDataDeliveryEnabled: given.textDataDeliveryEnabled !== true };
    return !sameConfiguration(given, changed) && !sameConfiguration(changed, given);
  }));
});

test('no configuration is the same as none', () => {
  expect(sameConfiguration(undefined, undefined)).toBe(true);
  fc.assert(fc.property(configuration, given => !sameConfiguration(given, undefined) && !sameConfiguration(undefined, given)));
});
