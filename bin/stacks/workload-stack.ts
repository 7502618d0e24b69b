import { Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { attributionSchemaParameter, invocationLogging, type schema } from '../../lib';
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

/** What each account and Region contributes: logs of all calls, the schema to read at run time, and a role and profiles per service. */
export class WorkloadStack extends Stack {
  /** Where the calls are logged. */
  public readonly logStore: invocationLogging.IInvocationLogStore;

  constructor(scope: Construct, id: string, props: WorkloadStackProps) {
    super(scope, id, props);
    this.logStore = this.logCalls(props);
    new attributionSchemaParameter.AttributionSchemaParameter(this, 'Schema', { schema: props.schema, lockText: props.schemaLock });
    const services = new Construct(this, 'Services');
    for (const service of props.services) new WorkloadService(services, service.id, { service, schema: props.schema });
  }

  private logCalls({ logBucketName, logArchive, notifiedEmail, schema }: WorkloadStackProps): invocationLogging.IInvocationLogStore {
    const notificationTopic = notifications(this, notifiedEmail);
    const store = new invocationLogging.InvocationLogStore(this, 'LogStore', {
      destinations: [S3, CLOUDWATCH_LOGS],
      bucketName: logBucketName,
      archive: logArchive,
      replication: { alarmTopic: notificationTopic },
    });
    const logging = new invocationLogging.InvocationLogging(this, 'Logging', { store, notificationTopic });
    new invocationLogging.InvocationLoggingDriftGuard(this, 'DriftGuard', { logging });
    new invocationLogging.InvocationLogDeliveryAlarms(this, 'DeliveryAlarms', { logging });
    if (store.logGroup !== undefined) {
      new invocationLogging.InvocationLogQueries(this, 'LogQueries', { schema, logGroup: store.logGroup });
    }
    return store;
  }
}
