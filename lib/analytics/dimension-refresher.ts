import { ArnFormat, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { errorAlarm, silenceAlarm } from '../private/check-alarms';
import { PackagedFunction } from '../private/packaged-function';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import type { AttributionSchema } from '../schema';
import {
  type DeclaringPrincipal, DIMENSION_FOLDERS, REFRESHER_TIMEOUT_SECONDS, REFRESHER_VARIABLES,
} from './handlers/dimension-refresher/constants';
import type { ILedgerStore } from './ledger-store';
import { validateDimensionRefresher } from './validate-dimension-refresher';

/**
 * Properties of a dimension refresher.
 */
export interface DimensionRefresherProps {
  /** Where the files are kept, in this account or in another one. */
  readonly store: ILedgerStore;

  /** The attribution keys: tags of other keys are not written. */
  readonly schema: AttributionSchema;

  /**
   * How often everything is listed: whole minutes, from 15 minutes to 1 day.
   *
   * What is made and deleted between two listings is never seen.
   *
   * @default Duration.hours(1)
   */
  readonly schedule?: Duration;

  /**
   * Whether roles and users are listed. They are those of the whole account, so leave it on in one Region of each account only.
   *
   * @default true
   */
  readonly listPrincipals?: boolean;

  /**
   * Paths below which roles and users are listed, such as `/teams/`: each is one call for every principal below it.
   *
   * @default - '/', all principals of the account
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
   */
  readonly principalPathPrefixes?: string[];

  /**
   * Principals that declare keys for those that they call for, such as the role of a gateway: names of keys by the ARN of the role or user.
   * What they declare for these keys contradicts nothing.
   *
   * @default - every principal speaks for itself
   */
  readonly declaresForOthers?: Record<string, string[]>;

  /**
   * Whether projects of the mantle endpoint are listed. Only some Regions have the endpoint; elsewhere, the listing fails.
   *
   * @default false
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html
   */
  readonly listProjects?: boolean;

  /**
   * The topic that hears of the alarms: of the same Region, with a policy that admits `cloudwatch.amazonaws.com`.
   *
   * @default - the alarms change their state only
   */
  readonly notificationTopic?: sns.ITopic;
}

/**
 * Writes what logs and bill do not say, and what AWS forgets: which model is behind an inference profile, and which tags profiles,
 * projects, roles and users carry.
 *
 * Belongs into each account and Region that calls Amazon Bedrock. A function lists what there is and keeps one row for each ARN that it
 * has ever seen, with the days of the first and last listing and of the deletion: the calls of a profile that was deleted last month still
 * have a model. It may change nothing but its files in the store:
 *
 * - `dimensions/inference_profiles/<account>/<region>.json`
 * - `dimensions/principals/<account>.json`, where principals are listed
 *
 * A listing that fails half-way changes nothing, and a file that cannot be read is not overwritten.
 *
 * Alarms: a refresh failed, wholly or in part; there was no refresh for the time of two, as also before the first one.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 */
export class DimensionRefresher extends Construct {
  /** The function that lists and writes. */
  public readonly function: lambda.IFunction;

  /** In alarm when a refresh failed, wholly or in part. */
  public readonly errorAlarm: cloudwatch.IAlarm;

  /** In alarm when nothing was refreshed for the time of two refreshes; also until the first one after the deployment. */
  public readonly silenceAlarm: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: DimensionRefresherProps) {
    super(scope, id);
    const schedule = props.schedule ?? Duration.hours(1);
    const listPrincipals = props.listPrincipals ?? true;
    const pathPrefixes = props.principalPathPrefixes ?? ['/'];
    validateDimensionRefresher(props, this, construct => construct instanceof DimensionRefresher);

    const statements = [
      ...this.profileStatements(),
      ...props.listProjects === true ? [this.projectStatement()] : [],
      ...listPrincipals ? this.principalStatements(pathPrefixes) : [],
    ];
    const { function: handler, role } = new PackagedFunction(this, 'Function', {
      asset: 'dimension-refresher',
      description: 'Writes which model is behind an inference profile, and which attribution tags profiles and principals carry',
      timeout: Duration.seconds(REFRESHER_TIMEOUT_SECONDS),
      // what is older comes too late: the next refresh is near
      maxEventAge: Duration.hours(1),
      policyName: 'DimensionRefresher',
      statements,
      environment: this.renderEnvironment(props, listPrincipals, pathPrefixes),
    });
    this.acknowledgeListings(role, statements);
    this.grantFiles(role, props.store, listPrincipals);
    this.function = handler;

    const rule = new events.Rule(this, 'Schedule', {
      description: 'Lists the inference profiles and principals that calls of Amazon Bedrock are attributed by',
      schedule: events.Schedule.rate(schedule),
      targets: [new targets.LambdaFunction(handler)],
    });
    this.errorAlarm = tell(props.notificationTopic, new cloudwatch.Alarm(this, 'ErrorAlarm', errorAlarm(handler,
      `Inference profiles, projects or principals could not be listed, or not be written to the ledger. Runbook: ${runbookUrl('dimension-refresher-errors')}`)));
    const silence = tell(props.notificationTopic, new cloudwatch.Alarm(this, 'SilenceAlarm', silenceAlarm(handler.metricInvocations(), schedule,
      `Nobody has listed inference profiles and principals for the time of two refreshes. Runbook: ${runbookUrl('dimension-refresher-errors')}`)));
    silence.node.addDependency(rule);
    this.silenceAlarm = silence;
  }

  private renderEnvironment(props: DimensionRefresherProps, listPrincipals: boolean, pathPrefixes: string[]): Record<string, string> {
    const { account, region } = Stack.of(this);
    const columns = props.schema.columns();
    const declaring = Object.entries(props.declaresForOthers ?? {}).map<DeclaringPrincipal>(([arn, keys]) => ({ arn, keys: Fn.join(',', keys) }));
    return {
      [REFRESHER_VARIABLES.bucket]: props.store.bucketName,
      [REFRESHER_VARIABLES.account]: account,
      [REFRESHER_VARIABLES.region]: region,
      [REFRESHER_VARIABLES.resourceTags]: JSON.stringify(columns.flatMap(column => column.resourceTags)),
      ...props.listProjects === true ? { [REFRESHER_VARIABLES.listProjects]: 'true' } : {},
      ...listPrincipals ? {
        [REFRESHER_VARIABLES.principalTags]: JSON.stringify(columns.flatMap(column => column.principalTags)),
        [REFRESHER_VARIABLES.pathPrefixes]: Fn.join('\n', pathPrefixes),
        ...declaring.length === 0 ? {} : { [REFRESHER_VARIABLES.declaring]: Stack.of(this).toJsonString(declaring) },
      } : {},
    };
  }

  /** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html */
  private profileStatements(): iam.PolicyStatement[] {
    const profiles = Stack.of(this).formatArn({ service: 'bedrock', resource: 'application-inference-profile', resourceName: '*' });
    return [
      new iam.PolicyStatement({ actions: ['bedrock:ListInferenceProfiles'], resources: ['*'] }),
      new iam.PolicyStatement({ actions: ['bedrock:ListTagsForResource'], resources: [profiles] }),
    ];
  }

  /**
   * The endpoint lists projects with their tags, and refuses those that may not see both.
   *
   * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
   */
  private projectStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['bedrock-mantle:ListProjects', 'bedrock-mantle:ListTagsForResource'],
      resources: [Stack.of(this).formatArn({ service: 'bedrock-mantle', resource: 'project', resourceName: '*' })],
    });
  }

  /** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
  private principalStatements(pathPrefixes: string[]): iam.PolicyStatement[] {
    // a list that is known at deployment only is no list of resources
    const prefixes = Token.isUnresolved(pathPrefixes) ? ['/'] : pathPrefixes;
    const below = (kind: string): string[] => prefixes.map(prefix => Stack.of(this).formatArn({
      service: 'iam', region: '', resource: `${kind}${prefix}*`, arnFormat: ArnFormat.NO_RESOURCE_NAME,
    }));
    return [
      new iam.PolicyStatement({ actions: ['iam:ListRoles', 'iam:ListUsers'], resources: ['*'] }),
      new iam.PolicyStatement({ actions: ['iam:ListRoleTags'], resources: below('role') }),
      new iam.PolicyStatement({ actions: ['iam:ListUserTags'], resources: below('user') }),
    ];
  }

  private acknowledgeListings(role: iam.Role, statements: iam.PolicyStatement[]): void {
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'profiles, roles and users are found by listing, for which IAM supports no resource');
    for (const arn of statements.flatMap(statement => statement.resources).filter(resource => resource !== '*')) {
      acknowledgeWildcard(role, arn, 'the tags of all that is listed are read: what there is, is known at run time only');
    }
  }

  private grantFiles(role: iam.Role, store: ILedgerStore, listPrincipals: boolean): void {
    const { account, region } = Stack.of(this);
    store.grantDimension(role, `${DIMENSION_FOLDERS.profiles}/${account}/${region}`);
    if (listPrincipals) store.grantDimension(role, `${DIMENSION_FOLDERS.principals}/${account}`);
  }
}
