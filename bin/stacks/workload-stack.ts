import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { attributionSchemaParameter, invocationLogging, type schema } from '../../lib';
import type { ServiceConfig } from '../app-config';
import { WorkloadService } from './workload-service';

/** Properties of a workload stack. */
export interface WorkloadStackProps extends StackProps {
  /** Name of the bucket that invocation logs are delivered to. */
  readonly logBucketName: string;

  /** Account whose analysts read the logs. */
  readonly ledgerAccount: string;

  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;

  /** Text of the lock of the schema. */
  readonly schemaLock: string;

  /** The services that call models in this account and Region. */
  readonly services: ServiceConfig[];
}

/** What each account and Region contributes: logs of all calls, the schema to read at run time, and a role and profiles per service. */
export class WorkloadStack extends Stack {
  constructor(scope: Construct, id: string, props: WorkloadStackProps) {
    super(scope, id, props);
    this.logCalls(props.logBucketName, props.ledgerAccount);
    new attributionSchemaParameter.AttributionSchemaParameter(this, 'Schema', { schema: props.schema, lockText: props.schemaLock });
    const services = new Construct(this, 'Services');
    for (const service of props.services) new WorkloadService(services, service.id, { service, schema: props.schema });
  }

  private logCalls(bucketName: string, ledgerAccount: string): void {
    // the ledger finds the buckets of all accounts and Regions by one naming rule
    const store = new invocationLogging.InvocationLogStore(this, 'LogStore', { bucketName });
    new invocationLogging.InvocationLogging(this, 'Logging', { store });
    store.bucket?.grantRead(new iam.AccountPrincipal(ledgerAccount));
  }
}
