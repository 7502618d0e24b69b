import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as fc from 'fast-check';
import { record } from '../../cli/test/helpers/world';
import { ApplicationInferenceProfile } from '../../lib/inference-profiles';
import { AttributionKey, AttributionSchema, Cardinality, Carrier } from '../../lib/schema';
import { AttributionDashboard, CostAllocationTagActivation, type AttributionDashboardProps } from '../../lib/spend-controls';
import { runInsightsQuery } from '../invocation-logging/insights-engine';
import { nagFindings } from '../nag/nag-findings';
import { bodyOf, structureProblems, type Widget } from './dashboard-body';
import { linesOf } from './dashboard-lines';
import {
  everything, makeAlarms, makeProfiles, makeQueries, makeServices, makeStack, MODEL, REGION, SCHEMA, titled, widgetsOf,
} from './dashboard-world';

const tablesOf = (widgets: Widget[]): string[] => widgets.filter(({ type }) => type === 'log').map(({ properties }) => properties.title!);
const headlinesOf = (widgets: Widget[]): string[] => widgets.flatMap(({ properties }) => /^## (.*)$/m.exec(properties.markdown ?? '')?.[1] ?? []);

describe('the body is one that CloudWatch documents, with widgets in the grid and beside each other,', () => {
  test('without services, logs, alarms and tags', () => {
    const stack = makeStack();
    const widgets = widgetsOf({}, stack);
    expect(structureProblems(bodyOf(stack))).toEqual([]);
    expect(headlinesOf(widgets)).toEqual(['Models', 'Errors', 'Latency', 'The bedrock-mantle endpoint', 'Delivery of invocation logs']);
    expect(widgets).toHaveLength(1 + 5 + 7 + 3 + 4 + 4 + 3);
  });

  test('with all of them', () => {
    const stack = makeStack();
    const widgets = widgetsOf(everything(stack), stack);
    expect(structureProblems(bodyOf(stack))).toEqual([]);
    for (const widget of widgets) expect(linesOf(widget, [])).toEqual([]);
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
    expect(headlinesOf(widgets)).toEqual([
      'Models', 'Services', 'Callers and what they declare', 'Errors', 'Latency', 'The bedrock-mantle endpoint', 'Delivery of invocation logs',
      'Cost allocation tags',
    ]);
  });

  test.each([1, 2, 3, 4, 200])('with %d services, a graph for each', count => {
    const stack = makeStack();
    const names = Array.from({ length: count }, (_, index) => `Service${index}`);
    const widgets = widgetsOf({ services: makeServices(stack, names) }, stack);
    expect(structureProblems(bodyOf(stack))).toEqual([]);
    expect(widgets.flatMap(({ properties: { title = '' } }) => names.includes(title) ? [title] : [])).toEqual([...names].sort());
  });

  test('and the check of it finds what is not', () => {
    const [text] = widgetsOf();
    const problems = (change: Partial<Widget>): string[] => structureProblems({ widgets: [text, { ...text, y: 50, ...change }] });
    expect(problems({})).toEqual([]);
    expect(problems({ y: 0 })[0]).toBe('widgets 0 and 1 overlap at 0,0');
    expect(problems({ x: 1 })).toEqual(['widget 1 is wider than the grid']);
    expect(problems({ properties: {} })[0]).toMatch(/markdown/);
    expect(problems({ type: 'metric', properties: { title: 'a', region: REGION, metrics: [['AWS/Bedrock']] } })).not.toEqual([]);
  });
});

test('the order in which services and their profiles are written makes no difference', () => {
  const bodyFor = (names: string[], labels: string[]): unknown => {
    const stack = makeStack();
    const ids = ['A', 'B', 'C'].flatMap(name => ['One', 'Two', 'Three'].map(label => `${name}${label}`));
    const profiles = makeProfiles(stack, ids);
    const services = Object.fromEntries(names.map(name => (
      [name, { profiles: Object.fromEntries(labels.map(label => [label, profiles[`${name}${label}`]])) }]
    )));
    widgetsOf({ services }, stack);
    return bodyOf(stack);
  };
  const [names, labels] = [['A', 'B', 'C'], ['One', 'Two', 'Three']];
  const expected = bodyFor(names, labels);
  const shuffled = (texts: string[]): fc.Arbitrary<string[]> => fc.shuffledSubarray(texts, { minLength: texts.length });
  fc.assert(fc.property(shuffled(names), shuffled(labels), (someNames, someLabels) => {
    expect(bodyFor(someNames, someLabels)).toEqual(expected);
  }), { numRuns: 10 });
});

describe('tables', () => {
  test('are one for each key that rides on request metadata, callers, errors and missing keys, by the saved queries', () => {
    const stack = makeStack();
    const queries = makeQueries(stack);
    const widgets = widgetsOf({ queries }, stack);
    expect(tablesOf(widgets)).toEqual(['by-team', 'by-service', 'by-env', 'by-feature', 'by-caller', 'errors', 'missing-required-keys']);
    for (const { properties: { title, query } } of widgets.filter(({ type }) => type === 'log')) {
      const saved = queries.queries.find(({ shortName }) => shortName === title)!;
      expect(query).toBe(`SOURCE '<Logs6819BB44>' | ${saved.queryString}`);
    }
  });

  test('count what callers declare', () => {
    const stack = makeStack();
    const { properties: { query } } = titled(widgetsOf({ queries: makeQueries(stack) }, stack), 'by-team');
    const messages = [{ team: 'search' }, { team: 'search' }, undefined].map((metadata, index) => record({ requestId: `r${index}`, metadata, input: 5 }));
    expect(runInsightsQuery(query!.replace(/^SOURCE '[^']*' \| /, ''), messages)).toMatchObject([
      { declared_team: 'search', calls: 2, input_tokens: 10 }, { declared_team: '(not given)', calls: 1, input_tokens: 5 },
    ]);
  });

  test('are none of keys that identify persons, have no end, ride on tags only or are deprecated', () => {
    const keys = [
      AttributionKey.of('team', { description: 'Team.' }),
      AttributionKey.of('squad', { description: 'Its former name.', deprecatedInFavourOf: 'team' }),
      AttributionKey.of('stage', { description: 'Stage.', carriers: [Carrier.PRINCIPAL_TAG] }),
      AttributionKey.of('employee', { description: 'Employee.', personal: true }),
      AttributionKey.of('request_id', { description: 'Request.', cardinality: Cardinality.HIGH }),
    ];
    const schema = new AttributionSchema({ version: 1, keys });
    const stack = makeStack();
    const widgets = widgetsOf({ schema, queries: makeQueries(stack, schema) }, stack);
    expect(tablesOf(widgets)).toEqual(['by-team', 'by-caller', 'errors']);
    const about = widgets.find(({ properties: { markdown = '' } }) => markdown.startsWith('## Callers'))!.properties.markdown;
    expect(about).toMatch(/are not shown: `by-employee`, `by-request_id`\.$/);
  });

  test('are one for each key that may be shown, whatever the schema', () => {
    const key = fc.record({
      cardinality: fc.constantFrom(Cardinality.LOW, Cardinality.HIGH), personal: fc.boolean(), onMetadata: fc.boolean(),
    });
    fc.assert(fc.property(fc.array(key, { minLength: 1, maxLength: 8 }), drawn => {
      const shown = drawn.map(({ cardinality, personal, onMetadata }) => cardinality === Cardinality.LOW && !personal && onMetadata);
      const keys = drawn.map(({ onMetadata, cardinality, ...props }, index) => AttributionKey.of(`key_${index}`, {
        ...props, cardinality, description: 'Key.',
        carriers: onMetadata || cardinality === Cardinality.HIGH ? [Carrier.REQUEST_METADATA] : [Carrier.SESSION_TAG],
      }));
      const schema = new AttributionSchema({ version: 1, keys });
      const stack = makeStack();
      const tables = tablesOf(widgetsOf({ schema, queries: makeQueries(stack, schema) }, stack));
      expect(tables.filter(title => title.startsWith('by-key_'))).toEqual(shown.flatMap((isShown, index) => isShown ? [`by-key_${index}`] : []));
    }), { numRuns: 15 });
  });
});

describe('the top', () => {
  const top = (props?: Partial<AttributionDashboardProps>, stack?: Stack): string => widgetsOf(props, stack)[0].properties.markdown!;

  test('leads to budgets, Cost Explorer, anomalies, tags and saved queries', () => {
    const stack = makeStack();
    const links = [...top({ queries: makeQueries(stack), budgetNames: ['total'] }, stack).matchAll(/\[([^\]]+)\]\(https:\/\/console\.aws\.amazon\.com\/([^)]+)\)/g)];
    expect(links.map(([, title, path]) => [title, path])).toEqual([
      ['Budgets', 'billing/home#/budgets'],
      ['Cost Explorer', 'cost-management/home#/cost-explorer'],
      ['Cost anomalies', 'cost-management/home#/anomaly-detection'],
      ['Cost allocation tags', 'billing/home#/tags'],
      ['Logs Insights', `cloudwatch/home?region=${REGION}#logsV2:logs-insights`],
    ]);
  });

  test('names budgets and saved queries, those without a table too', () => {
    const stack = makeStack();
    const markdown = top({ queries: makeQueries(stack), budgetNames: ['total', 'unattributed'] }, stack);
    expect(markdown).toContain(': `total`, `unattributed`\n');
    expect(markdown).toContain('`bedrock-cost-attribution/by-request_id`');
  });

  test.each([[0, 5], [1, 6], [16, 6], [17, 7], [40, 8]])('has room for the names of %i budgets', (count, height) => {
    const budgetNames = Array.from({ length: count }, (_, index) => `Bedrock team=team${index} monthly-1a2b3c4d`);
    expect(widgetsOf({ budgetNames })[0].height).toBe(height);
  });

  test('leads to the console that is given, in the Region that is known at deployment only', () => {
    const stack = new Stack(new App(), 'Anywhere');
    expect(top({ consoleHost: 'console.amazonaws.cn', queries: makeQueries(stack) }, stack))
      .toContain('(https://console.amazonaws.cn/cloudwatch/home?region=<AWS::Region>#logsV2:logs-insights)');
  });
});

test('shows the states of alarms, before all that has to be scrolled to', () => {
  const stack = makeStack();
  const widgets = widgetsOf({ alarms: makeAlarms(stack, 2) }, stack);
  expect(titled(widgets, 'Alarms').properties.alarms).toEqual([
    expect.stringMatching(/^<Alarm0\w+>$/), expect.stringMatching(/^<Alarm1\w+>$/),
  ]);
  expect(widgets[1].properties.title).toBe('Alarms');
});

test.each([
  [undefined, '-P1D'], [Duration.minutes(1), '-PT1M'], [Duration.hours(36), '-P1DT12H'], [Duration.days(455), '-P455D'],
])('shows the time of %p at first', (defaultInterval, start) => {
  const stack = makeStack();
  new AttributionDashboard(stack, 'Dashboard', { schema: SCHEMA, defaultInterval });
  expect(bodyOf(stack).start).toBe(start);
});

test('makes the dashboard and nothing else, which more widgets can be added to', () => {
  const stack = makeStack();
  const { dashboard } = new AttributionDashboard(stack, 'Dashboard', { schema: SCHEMA, dashboardName: 'a'.repeat(255) });
  dashboard.addWidgets(new cloudwatch.TextWidget({ markdown: 'more', width: 24, height: 1 }));
  expect(Object.values(Template.fromStack(stack).toJSON().Resources as object)).toEqual([
    { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: expect.anything(), DashboardName: 'a'.repeat(255) } },
  ]);
  expect(structureProblems(bodyOf(stack))).toEqual([]);
  expect(bodyOf(stack).widgets.at(-1)?.properties.markdown).toBe('more');
});

test('takes tokens', () => {
  const stack = new Stack(new App(), 'Anywhere');
  const parameter = new CfnParameter(stack, 'Text');
  const names = new CfnParameter(stack, 'Names', { type: 'CommaDelimitedList' });
  const imported = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Imported', {
    inferenceProfileArn: stack.formatArn({ service: 'bedrock', resource: 'application-inference-profile', resourceName: parameter.valueAsString }),
    modelSource: MODEL,
  });
  const widgets = widgetsOf({
    dashboardName: parameter.valueAsString,
    consoleHost: parameter.valueAsString,
    budgetNames: names.valueAsList,
    queries: makeQueries(stack),
    services: { checkout: { profiles: { imported } } },
    tagActivation: new CostAllocationTagActivation(stack, 'Tags', { schema: SCHEMA }),
  }, stack);
  expect(structureProblems({ widgets })).toEqual([]);
  expect(widgets[0].properties.markdown).toContain('- [Budgets](https://<Text>/billing/home#/budgets): `<Names>`');
  expect(titled(widgets, 'checkout').properties.metrics![0][3]).toBe('<Text>');
});

test('has no findings of cdk-nag', () => {
  expect(nagFindings(stack => {
    const services = makeServices(stack, ['Checkout']);
    new AttributionDashboard(stack, 'Dashboard', { schema: SCHEMA, queries: makeQueries(stack), services });
  })).toEqual([]);
});
