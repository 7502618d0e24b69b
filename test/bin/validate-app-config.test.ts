import type { AppConfig } from '../../bin/app-config';
import { config } from '../../bin/config';
import { validateAppConfig } from '../../bin/validate-app-config';

const [service] = config.services;

test('the configuration of the reference app is right', () => {
  expect(() => { validateAppConfig(config); }).not.toThrow();
});

test.each([1, 30])('a bucket prefix of %d characters is accepted', length => {
  expect(() => { validateAppConfig({ ...config, bucketPrefix: 'x'.repeat(length) }); }).not.toThrow();
});

test.each(['us-gov-west-1', 'ap-southeast-5', 'eusc-de-east-1'])('the Region %s is accepted', region => {
  expect(() => { validateAppConfig({ ...config, ledger: { ...config.ledger, region } }); }).not.toThrow();
});

test.each<[RegExp, Partial<AppConfig>]>([
  [/bucketPrefix is "": use 1 to 30/, { bucketPrefix: '' }],
  [/bucketPrefix is "x{31}"/, { bucketPrefix: 'x'.repeat(31) }],
  [/bucketPrefix is "Example"/, { bucketPrefix: 'Example' }],
  [/payer\.account is "1234": use 12 digits/, { payer: { account: '1234', region: 'us-east-1' } }],
  [/ledger\.region is "Ireland": use a Region name/, { ledger: { account: '111122223333', region: 'Ireland' } }],
  [/workloads\.accounts\[0\] is "1234"/, { workloads: { ...config.workloads, accounts: ['1234'] } }],
  [/workloads\.accounts is empty/, { workloads: { ...config.workloads, accounts: [] } }],
  [/workloads\.regions has "us-east-1" twice/, { workloads: { ...config.workloads, regions: ['us-east-1', 'eu-west-1', 'us-east-1'] } }],
  [/monthlyLimits\.totalUsd is 0: use US dollars, more than 0/, { monthlyLimits: { ...config.monthlyLimits, totalUsd: 0 } }],
  [/monthlyLimits\.unattributedUsd is NaN/, { monthlyLimits: { ...config.monthlyLimits, unattributedUsd: NaN } }],
  [/monthlyLimits\.byKeyUsd\.team\.search is -1/, { monthlyLimits: { ...config.monthlyLimits, byKeyUsd: { team: { search: -1 } } } }],
  [/services\[0\]\.monthlyLimitUsd is 0/, { services: [{ ...service, monthlyLimitUsd: 0 }] }],
  [/notifiedEmail is "nobody": use an e-mail address/, { notifiedEmail: 'nobody' }],
  [/services\[0\]\.id is "check out": use PascalCase/, { services: [{ ...service, id: 'check out' }] }],
  [/services\[0\]\.place\.account is "999988887777": use one of workloads\.accounts/, { services: [{ ...service, place: { account: '999988887777', region: 'us-east-1' } }] }],
  [/services\[0\]\.place\.region is "us-west-2": use one of workloads\.regions/, { services: [{ ...service, place: { ...service.place, region: 'us-west-2' } }] }],
  [/services\[0\]\.models is empty/, { services: [{ ...service, models: {} }] }],
  [/services\[0\]\.models has the key "nova lite": use PascalCase/, { services: [{ ...service, models: { 'nova lite': service.models.Classifier } }] }],
  [/services has "Checkout in 777788889999 us-east-1" twice/, { services: [service, service] }],
])('fails with %s', (message, changes) => {
  expect(() => { validateAppConfig({ ...config, ...changes }); }).toThrow(message);
});

test('fails once with all problems', () => {
  const changes = { bucketPrefix: '', payer: { account: '', region: '' } };
  expect(() => { validateAppConfig({ ...config, ...changes }); }).toThrow(/bin\/config\.ts has 3 problems/);
});
