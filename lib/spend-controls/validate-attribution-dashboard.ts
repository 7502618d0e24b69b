import { Duration, Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { IConstruct } from 'constructs';
import { samePlaceProblems } from '../private/same-place';
import type { AttributionDashboardProps } from './attribution-dashboard';
import { namedServices, shownKeyNames, type NamedService } from './dashboard-attribution-sections';

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html (read 2026-11-21) */
const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html (read 2026-11-21) */
const MOST_WIDGETS = 500;
const MOST_ALARMS = 100;

/** Over all widgets. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html (read 2026-11-21) */
const MOST_METRICS = 2500;

/** In one graph. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html (read 2026-11-21) */
const MOST_SEARCHES = 100;
const SEARCHES_PER_PROFILE = 2;
const MOST_PROFILES = MOST_SEARCHES / SEARCHES_PER_PROFILE;

/** Input, output, cache reads and cache writes. */
const METRICS_PER_PROFILE = 4;

/** For how long CloudWatch keeps metrics. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html */
const LONGEST_INTERVAL = Duration.days(455);

/** What the partition is called whose console is the default. */
const DEFAULT_PARTITION = 'aws';

/** What is wrong with the properties of a dashboard, one sentence each. */
export function dashboardProblems(props: AttributionDashboardProps, dashboard: IConstruct): string[] {
  const { dashboardName, consoleHost, budgetNames = [], alarms = [] } = props;
  const services = namedServices(props.services ?? {});
  return [
    ...textProblem('dashboardName', dashboardName, NAME, '1 to 255 letters, digits, "-" and "_"'),
    ...intervalProblems(props.defaultInterval),
    ...textProblem('consoleHost', consoleHost, /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, 'the name of a host, such as "console.aws.amazon.com"'),
    ...consoleHost === undefined ? partitionProblems(Stack.of(dashboard).region) : [],
    ...Token.isUnresolved(budgetNames) ? [] : budgetNames.flatMap(name => textProblem('budgetNames', name, /^[^`\n]+$/, 'names of budgets')),
    ...alarms.length <= MOST_ALARMS ? [] : [`alarms has ${alarms.length} alarms; at most ${MOST_ALARMS} are shown, so choose among them`],
    ...serviceProblems(services, dashboard),
    ...queryProblems(props, dashboard),
  ];
}

/** What is wrong with the number of widgets, one sentence at most. */
export function widgetProblems(widgets: number): string[] {
  return widgets <= MOST_WIDGETS ? [] : [
    `the dashboard has ${widgets} widgets; at most ${MOST_WIDGETS} are allowed, so give some of the services to another dashboard`,
  ];
}

function textProblem(what: string, value: string | undefined, pattern: RegExp, allowed: string): string[] {
  if (value === undefined || Token.isUnresolved(value) || pattern.test(value)) return [];
  return [`${what} is ${JSON.stringify(value)}; use ${allowed}`];
}

function intervalProblems(interval: Duration | undefined): string[] {
  if (interval === undefined) return [];
  if (interval.isUnresolved()) return ['defaultInterval is known only at deployment, where it can no longer be written out; give a number'];
  const minutes = interval.toMilliseconds() / 60_000;
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= LONGEST_INTERVAL.toMinutes() ? [] : [
    `defaultInterval is ${JSON.stringify(interval.toHumanString())}; use whole minutes, up to the ${LONGEST_INTERVAL.toDays()} days that metrics are kept`,
  ];
}

function partitionProblems(region: string): string[] {
  const partition = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  return partition === undefined || partition === DEFAULT_PARTITION ? [] : [
    `the dashboard is in ${JSON.stringify(region)}, whose console is not at the default host; give consoleHost`,
  ];
}

function serviceProblems(services: NamedService[], dashboard: IConstruct): string[] {
  const owners = new Map<unknown, string>();
  const metrics = services.reduce((sum, { profiles }) => sum + profiles.length * METRICS_PER_PROFILE, 0);
  return [
    ...services.flatMap(({ name, profiles }) => [
      ...name !== '' && profiles.every(([label]) => label !== '') ? [] : [
        `services has an empty name${name === '' ? '' : ` in ${JSON.stringify(name)}`}; name each service and each of its profiles`,
      ],
      ...profiles.length > 0 ? [] : [`the service ${JSON.stringify(name)} has no profiles; leave it out, or say what it calls models through`],
      ...profiles.length <= MOST_PROFILES ? [] : [
        `the service ${JSON.stringify(name)} has ${profiles.length} profiles; at most ${MOST_PROFILES} fit into a graph, so divide it`,
      ],
      ...profiles.flatMap(([label, profile]) => {
        const owner = owners.get(profile);
        owners.set(profile, name);
        return [
          ...owner === undefined ? [] : [
            `the profile ${JSON.stringify(label)} of the service ${JSON.stringify(name)} is also of ${JSON.stringify(owner)}; a profile is one service's`,
          ],
          ...(['account', 'region'] as const).filter(part => differ(profile.env[part], Stack.of(dashboard)[part])).map(part => (
            `the profile ${JSON.stringify(label)} of the service ${JSON.stringify(name)} is in ${part} ${JSON.stringify(profile.env[part])} and `
            + `the dashboard in ${JSON.stringify(Stack.of(dashboard)[part])}; make a dashboard for each ${part}`
          )),
        ];
      }),
    ]),
    ...metrics <= MOST_METRICS ? [] : [
      `the services have ${metrics} metrics, ${METRICS_PER_PROFILE} for each profile; at most ${MOST_METRICS} are allowed, so give some to another dashboard`,
    ],
  ];
}

function queryProblems({ schema, queries }: AttributionDashboardProps, dashboard: IConstruct): string[] {
  if (queries === undefined) return [];
  const asked = new Set(queries.queries.map(({ keyName }) => keyName));
  return [
    ...samePlaceProblems('the set of queries', queries, 'the dashboard', dashboard, 'a table is of one log group, so put the dashboard in the same'),
    ...shownKeyNames(schema).filter(name => !asked.has(name)).map(name =>
      `queries has none by the key ${JSON.stringify(name)}; make the queries and the dashboard from one schema`),
  ];
}

function differ(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}
