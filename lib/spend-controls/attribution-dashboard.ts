import { Duration, Stack } from 'aws-cdk-lib';
import type { IApplicationInferenceProfileRef } from 'aws-cdk-lib/aws-bedrock';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { IInvocationLogQueries } from '../invocation-logging';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import type { CostAllocationTagActivation } from './cost-allocation-tag-activation';
import { callerSection, namedServices, serviceSection, tagSection } from './dashboard-attribution-sections';
import { rowsOf, text } from './dashboard-graphs';
import { linksHeight, linksText } from './dashboard-links';
import { deliverySection, errorSection, latencySection, mantleSection, modelSection } from './dashboard-metric-sections';
import { dashboardProblems, widgetProblems } from './validate-attribution-dashboard';

/** A service on a dashboard. */
export interface DashboardService {
  /**
   * The application inference profiles through which the service calls models, by labels for the legend: from 1 to 50, of the account and
   * Region of the dashboard.
   */
  readonly profiles: Record<string, IApplicationInferenceProfileRef>;
}

/** Properties of an `AttributionDashboard`. */
export interface AttributionDashboardProps {
  /** The schema whose keys usage is shown by. */
  readonly schema: AttributionSchema;

  /**
   * The saved queries on the invocation logs, made from the same schema. Those by key, by caller, of errors and of missing keys become
   * tables.
   *
   * @default - no tables: what is declared by whom is not shown
   */
  readonly queries?: IInvocationLogQueries;

  /**
   * The services whose tokens are shown, by names of your own. The order in which they are written makes no difference.
   *
   * @default - usage is shown by model only
   */
  readonly services?: Record<string, DashboardService>;

  /**
   * The alarms whose states are shown, at most 100: those of `InvocationLogDeliveryAlarms` for example. An alarm of another account or
   * Region needs a name of its own.
   *
   * @default - none
   */
  readonly alarms?: cloudwatch.IAlarmRef[];

  /**
   * What activates the cost allocation tags, in whatever Region it is. Where it is of another account, which the paying one mostly is,
   * that account has to share its metrics with this one, or the graphs stay empty.
   *
   * @default - the states of tags are not shown
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Cross-Account-Cross-Region.html
   */
  readonly tagActivation?: CostAllocationTagActivation;

  /**
   * Names of the budgets to look at, which stand beside the link to them.
   *
   * @default - the link alone
   */
  readonly budgetNames?: string[];

  /**
   * Name of the dashboard, 1 to 255 letters, digits, `-` and `_`. Dashboards belong to the account and to no Region: two stacks that give
   * one name overwrite each other's dashboard, so have the Region in it.
   *
   * @default - made by CloudFormation
   */
  readonly dashboardName?: string;

  /**
   * The time that is shown at first, up to now: whole minutes, up to 455 days. Tables scan the logs of all of it.
   *
   * @default Duration.days(1)
   */
  readonly defaultInterval?: Duration;

  /**
   * Host of the console that links lead to. Other partitions than the commercial one have other hosts, which no property of a stack
   * tells: give one in a stack that is deployed there. In a Region that is known at synthesis, synthesis asks for it.
   *
   * @default 'console.aws.amazon.com'
   */
  readonly consoleHost?: string;
}

/**
 * A CloudWatch dashboard of who uses how much of Amazon Bedrock and whether it can be attributed, from the schema and the services.
 *
 * From top to bottom: links to budgets, Cost Explorer, anomalies and saved queries; alarms; tokens and calls by model; tokens by service;
 * callers and what they declare, a table for each key of the schema that rides on request metadata; errors, throttles and latency; the
 * `bedrock-mantle` endpoint; deliveries of invocation logs; cost allocation tags. It makes no metrics of its own, and none by
 * user. A key that identifies persons, or of high cardinality, has no table. Callers are shown by their ARNs, whose session names may
 * identify persons.
 *
 * Metrics of models are searched for, so that a new one is there without a deployment. A search finds what had data within two weeks.
 *
 * CloudWatch charges by the month for each dashboard beyond the first three of an account (3 USD in November 2026), and for one of these
 * that has more than 50 metrics. Looking at metrics in the console is free. Looking at tables is not: each runs a query of Logs Insights,
 * charged by what it scans (0.005 USD for each GB in us-east-1), once for each time the dashboard is loaded or refreshed.
 *
 * Belongs in every account and Region where models are called: metrics and logs are of one.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-mantle-metrics.html
 * @see https://aws.amazon.com/cloudwatch/pricing/
 */
export class AttributionDashboard extends Construct {
  /** The dashboard, to which more widgets can be added at the end. */
  public readonly dashboard: cloudwatch.Dashboard;

  public constructor(scope: Construct, id: string, props: AttributionDashboardProps) {
    super(scope, id);
    // widgets are no constructs: nothing is made before all is checked, their number included
    const rows = this.renderRows(props);
    throwProblems('InvalidAttributionDashboard', 'the attribution dashboard', [
      ...dashboardProblems(props, this), ...widgetProblems(rows.flat().length),
    ], this);

    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', {
      dashboardName: props.dashboardName,
      defaultInterval: props.defaultInterval ?? Duration.days(1),
      widgets: rows,
    });
  }

  private renderRows(props: AttributionDashboardProps): cloudwatch.IWidget[][] {
    const { schema, queries, tagActivation, alarms = [], budgetNames = [], consoleHost = 'console.aws.amazon.com' } = props;
    const stack = Stack.of(this);
    const place = { region: stack.region };
    const services = namedServices(props.services ?? {});
    const queryNames = queries?.queries.map(({ name }) => name) ?? [];
    return [
      [text(linksText({ host: consoleHost, ...place, budgetNames, queryNames }), linksHeight(budgetNames, queryNames))],
      ...alarms.length === 0 ? [] : [[renderAlarms(alarms)]],
      ...rowsOf(modelSection(place)),
      ...services.length === 0 ? [] : rowsOf(serviceSection(services, place)),
      ...queries === undefined ? [] : rowsOf(callerSection(schema, queries, place)),
      ...rowsOf(errorSection(place)),
      ...rowsOf(latencySection(place)),
      ...rowsOf(mantleSection(place)),
      ...rowsOf(deliverySection(place)),
      ...tagActivation === undefined ? [] : rowsOf(tagSection(tagActivation, stack)),
    ];
  }
}

function renderAlarms(alarms: cloudwatch.IAlarmRef[]): cloudwatch.IWidget {
  return new cloudwatch.AlarmStatusWidget({
    title: 'Alarms',
    alarms,
    width: 24,
    height: 2 + Math.ceil(alarms.length / 6),
    sortBy: cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
  });
}
