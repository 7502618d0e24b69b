import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import type * as bedrock from 'aws-cdk-lib/aws-bedrock';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import type { AttributionDashboardProps, DashboardService } from '../../lib/spend-controls';
import { structureProblems } from './dashboard-body';
import { makeAlarms, makeProfiles, makeQueries, makeServices, makeStack, REGION, widgetsOf } from './dashboard-world';

describe('fails', () => {
  const profile = (): bedrock.IApplicationInferenceProfileRef => makeProfiles(makeStack(), ['P']).P;
  const manyProfiles = (count: number): DashboardService =>
    ({ profiles: makeProfiles(makeStack(), Array.from({ length: count }, (_, index) => `P${index}`)) });

  test.each<[string, () => Partial<AttributionDashboardProps>, string]>([
    ['an empty name', () => ({ dashboardName: '' }), 'dashboardName is ""; use 1 to 255 letters, digits, "-" and "_"'],
    ['a name with a space', () => ({ dashboardName: 'a b' }), 'dashboardName is "a b"'],
    ['a name that is too long', () => ({ dashboardName: 'a'.repeat(256) }), 'use 1 to 255 letters'],
    ['no time', () => ({ defaultInterval: Duration.minutes(0) }), 'use whole minutes, up to the 455 days that metrics are kept'],
    ['half a minute', () => ({ defaultInterval: Duration.seconds(90) }), 'defaultInterval is "1 minute 30 seconds"'],
    ['a time without metrics', () => ({ defaultInterval: Duration.days(456) }), 'defaultInterval is "456 days"'],
    ['a time that is not known yet', () => ({ defaultInterval: Duration.days(Lazy.number({ produce: () => 1 })) }), 'known only at deployment'],
    ['an address instead of a host', () => ({ consoleHost: 'https://console.aws.amazon.com' }), 'consoleHost is "https://console.aws.amazon.com"; use the name of a host'],
    ['a budget without a name', () => ({ budgetNames: [''] }), 'budgetNames is ""; use names of budgets'],
    ['a service without a name', () => ({ services: { '': { profiles: { a: profile() } } } }), 'services has an empty name; name each service'],
    ['a profile without a name', () => ({ services: { a: { profiles: { '': profile() } } } }), 'services has an empty name in "a"'],
    ['a service without profiles', () => ({ services: { a: { profiles: {} } } }), 'the service "a" has no profiles; leave it out'],
    ['a service with too many profiles', () => ({ services: { a: manyProfiles(51) } }), 'the service "a" has 51 profiles; at most 50 fit into a graph'],
    ['too many metrics', () => ({ services: Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`s${index}`, manyProfiles(index === 0 ? 26 : 50)])) }),
      'the services have 2504 metrics, 4 for each profile; at most 2500 are allowed'],
    ['a profile of two services', () => {
      const profiles = { shared: profile() };
      return { services: { a: { profiles }, b: { profiles } } };
    }, 'the profile "shared" of the service "b" is also of "a"; a profile is one service\'s'],
    ['a profile of another Region', () => ({ services: { a: { profiles: makeProfiles(makeStack('us-west-2'), ['P']) } } }),
      'the profile "P" of the service "a" is in region "us-west-2" and the dashboard in "eu-west-1"; make a dashboard for each region'],
    ['a profile of another account', () => ({ services: { a: { profiles: makeProfiles(makeStack(REGION, '444455556666'), ['P']) } } }),
      'is in account "444455556666" and the dashboard in "111122223333"'],
    ['queries of another Region', () => ({ queries: makeQueries(makeStack('us-west-2')) }), 'the set of queries is in region "us-west-2" and the dashboard in "eu-west-1"'],
    ['queries of another schema', () => ({
      schema: new AttributionSchema({ version: 1, keys: [AttributionKey.of('tenant', { description: 'Tenant.' })] }), queries: makeQueries(makeStack()),
    }), 'queries has none by the key "tenant"; make the queries and the dashboard from one schema'],
    ['too many alarms', () => ({ alarms: makeAlarms(makeStack(), 101) }), 'alarms has 101 alarms; at most 100 are shown'],
  ])('with %s', (_, props, message) => {
    expect(() => widgetsOf(props())).toThrow(message);
  });

  test('with too many widgets', () => {
    const names = Array.from({ length: 480 }, (_, index) => `S${index}`);
    const stack = makeStack();
    expect(() => widgetsOf({ services: makeServices(stack, names) }, stack)).toThrow(
      'the dashboard has 508 widgets; at most 500 are allowed, so give some of the services to another dashboard');
  });

  test.each(['cn-north-1', 'us-gov-west-1'])('in %s without the host of its console', region => {
    expect(() => widgetsOf({}, makeStack(region))).toThrow(`the dashboard is in "${region}", whose console is not at the default host; give consoleHost`);
    expect(() => widgetsOf({ consoleHost: 'console.example.com' }, makeStack(region))).not.toThrow();
  });

  test('with everything that is wrong at once', () => {
    const props = { dashboardName: ' ', consoleHost: '/', defaultInterval: Duration.seconds(1), services: { a: { profiles: {} } } };
    expect(() => widgetsOf(props)).toThrow('the attribution dashboard has 4 problems');
  });

  test.each([
    ['472 services', (stack: Stack) => ({ services: makeServices(stack, Array.from({ length: 472 }, (_, index) => `S${index}`)) })],
    ['50 profiles of a service', (stack: Stack) => ({ services: { a: { profiles: makeProfiles(stack, Array.from({ length: 50 }, (_, index) => `P${index}`)) } } })],
    ['100 alarms', (stack: Stack) => ({ alarms: makeAlarms(stack, 100) })],
  ])('not with %s', (_, props) => {
    const stack = makeStack();
    expect(structureProblems({ widgets: widgetsOf(props(stack), stack) })).toEqual([]);
  });
});
