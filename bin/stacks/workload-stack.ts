import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { analytics, attributionSchemaParameter, invocationLogging, type schema, spendControls } from '../../lib';
import type { ServiceConfig } from '../app-config';
import { notifications } from './notifications';
import { WorkloadService } from './workload-service';

const { CLOUDWATCH_LOGS, S3 } = invocationLogging.InvocationLogDestination;

/** Properties of a workload stack. */
export interface WorkloadStackProps extends StackProps {
  /** Name of the bucket that invocation logs are delivered to. */
  readonly logBucketName: string;

  /** The bucket of the ledger into which the logs are replicated. */
  readonly logArchive: invocationLogging.IInvocationLogArchive;

  /** Name of the bucket of the ledger, which learns of profiles, projects and principals. */
  readonly ledgerBucketName: string;

  /** Whether roles and users of the account are listed here: in one of its Regions. */
  readonly listsPrincipals: boolean;

  /**
   * Who hears of alarms, and of what was found and done: an e-mail address.
   *
   * @default - nobody
   */
  readonly notifiedEmail?: string;

  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;

  /** Text of the lock of the schema. */
  readonly schemaLock: string;

  /** The services that call models in this account and Region. */
  readonly services: ServiceConfig[];
}

/** What each account and Region contributes: logs of all calls and what they do not say, the schema for run time, services, a dashboard. */
export class WorkloadStack extends Stack {
  /** Where the calls are logged. */
  public readonly logStore: invocationLogging.IInvocationLogStore;

  /** Who hears of alarms, and of what was found and done. */
  public readonly notificationTopic: invocationLogging.NotificationTopic;

  /** The services that call models here. */
  public readonly services: WorkloadService[];

  constructor(scope: Construct, id: string, props: WorkloadStackProps) {
    super(scope, id, props);
    const { schema, schemaLock } = props;
    this.notificationTopic = notifications(this, props.notifiedEmail);
    const { store, alarms, queries } = this.logCalls(props);
    this.logStore = store;
    new attributionSchemaParameter.AttributionSchemaParameter(this, 'Schema', { schema, lockText: schemaLock });
    new analytics.DimensionRefresher(this, 'Dimensions', {
      store: analytics.LedgerStore.fromLedgerStoreAttributes(this, 'LedgerStore', { bucketName: props.ledgerBucketName }),
      schema,
      listPrincipals: props.listsPrincipals,
      notificationTopic: this.notificationTopic,
    });
    const parent = new Construct(this, 'Services');
    this.services = props.services.map(service => new WorkloadService(parent, service.id, { service, schema }));
    new spendControls.AttributionDashboard(this, 'Dashboard', {
      schema,
      queries,
      alarms,
      services: Object.fromEntries(this.services.map(({ node, profiles }) => [node.id, { profiles }])),
      dashboardName: `bedrock-cost-${this.region}`,
    });
  }

  private logCalls({ logBucketName, logArchive, schema }: WorkloadStackProps): CallLogs {
    const { notificationTopic } = this;
    const store = new invocationLogging.InvocationLogStore(this, 'LogStore', {
      destinations: [S3, CLOUDWATCH_LOGS],
      bucketName: logBucketName,
      archive: logArchive,
      replication: { alarmTopic: notificationTopic },
    });
    const logging = new invocationLogging.InvocationLogging(this, 'Logging', { store, notificationTopic });
    const guard = new invocationLogging.InvocationLoggingDriftGuard(this, 'DriftGuard', { logging });
    const delivery = new invocationLogging.InvocationLogDeliveryAlarms(this, 'DeliveryAlarms', { logging });
    const queries = store.logGroup && new invocationLogging.InvocationLogQueries(this, 'LogQueries', { schema, logGroup: store.logGroup });
    const { s3FailureAlarm, s3SilenceAlarm, cloudWatchFailureAlarm, cloudWatchSilenceAlarm } = delivery;
    const alarms = [guard.driftAlarm, s3FailureAlarm, s3SilenceAlarm, cloudWatchFailureAlarm, cloudWatchSilenceAlarm]
      .filter(alarm => alarm !== undefined);
    return { store, alarms, queries };
  }
}

/** How calls are logged, and who notices when they are not. */
interface CallLogs {
  readonly store: invocationLogging.InvocationLogStore;
  readonly alarms: IAlarm[];
  readonly queries?: invocationLogging.InvocationLogQueries;
}
