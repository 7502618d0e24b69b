import { type Duration, type IResource, Resource, Stack, TagManager, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { throwProblems } from '../private/errors';
import type { AnalystData } from './analyst-data';
import { trustedAnalyst, trustProblems } from './analyst-trust';
import type { IAttributionCatalog } from './attribution-catalog';
import { asStatement, catalogPermissions, dataSourceArn, type Permission, QUERY_ACTIONS, resultPermissions } from './query-statements';
import type { IQueryWorkGroup } from './query-workgroup-base';

/**
 * The role of analysts, made here or elsewhere.
 */
export interface IAttributionAnalystRole extends IResource, iam.IGrantable {
  /** The role itself. */
  readonly role: iam.IRole;
}

/**
 * Properties of the role of analysts.
 */
export interface AttributionAnalystRoleProps {
  /**
   * Who vouches for the analysts: an account, a role, or an identity provider such as `new iam.SamlConsolePrincipal(provider)`. Of them,
   * only those get in that have the tags below.
   */
  readonly assumedBy: iam.IPrincipal;

  /**
   * Tags that whoever assumes the role has to have, by key: `{ team: 'finops' }`. Of people who come from an identity provider, the
   * provider has to send them with the session, and no others.
   *
   * @default - none but that of `sessionTagKey`, one of which is needed
   */
  readonly principalTags?: Record<string, string>;

  /**
   * Key of a tag that tells the analysts of one role apart, such as `team`. Each starts the session with the value of this tag that they
   * have themselves, and may use those of `workGroups` that have a tag of the same key and value.
   *
   * Then Athena has to keep the results (`QueryResults.managed()`): in a bucket, every analyst could read those of all others.
   *
   * @default - whoever may assume the role may use all of its workgroups
   * @see https://docs.aws.amazon.com/athena/latest/ug/tags-access-control.html
   */
  readonly sessionTagKey?: string;

  /** The workgroups in which the analysts may query. Whoever may use a workgroup sees the queries of everybody in it, and their results. */
  readonly workGroups: IQueryWorkGroup[];

  /** The databases whose tables and views the analysts may see: the catalog, or one with the views of their team. */
  readonly catalogs: IAttributionCatalog[];

  /** The files behind tables and views that the analysts may read. Without raw data, unless it is among them. */
  readonly data: AnalystData[];

  /**
   * Whether the console of Athena can be used: it lists names of workgroups, data sources and databases.
   *
   * @default true
   */
  readonly consoleAccess?: boolean;

  /**
   * The most that the role may ever do.
   *
   * @default - no boundary
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;

  /**
   * Name of the role: 1 to 64 letters, digits and `_+=,.@-`.
   *
   * @default - CloudFormation makes a name
   */
  readonly roleName?: string;

  /**
   * How long a session may last, 1 to 12 hours.
   *
   * @default Duration.hours(1)
   */
  readonly maxSessionDuration?: Duration;
}

/**
 * A role for those who ask who spent what: it may query in some workgroups, see the definitions of some databases, and read the files
 * behind them. It changes nothing but its own results.
 *
 * Belongs into the account of the catalog. Tags decide who is an analyst: nobody gets in without `principalTags`. One role can serve many
 * teams with a workgroup each: with `sessionTagKey`, the tag of the session has to be that of the workgroup.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 */
export class AttributionAnalystRole extends Resource implements IAttributionAnalystRole {
  /**
   * Brings in a role that was made elsewhere. Its trust and policies are taken as they are.
   */
  public static fromRoleArn(scope: Construct, id: string, roleArn: string): IAttributionAnalystRole {
    class Import extends Resource implements IAttributionAnalystRole {
      /** The imported role. */
      public readonly role = iam.Role.fromRoleArn(this, 'Role', roleArn);
      /** The imported role. */
      public readonly grantPrincipal = this.role;
    }
    return new Import(scope, id, { environmentFromArn: roleArn });
  }

  /** The role itself. */
  public readonly role: iam.IRole;

  /** The principal that permissions are given to. */
  public readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: AttributionAnalystRoleProps) {
    super(scope, id);
    const { assumedBy, principalTags = {}, sessionTagKey, workGroups, catalogs, data } = props;
    const consoleAccess = props.consoleAccess ?? true;
    throwProblems('InvalidAttributionAnalystRole', 'the role of analysts', [
      ...trustProblems({ principalTags, sessionTagKey }),
      ...listProblems({ workGroups, catalogs, data }),
      ...folderProblems(data),
      ...sessionTagKey === undefined ? [] : sharedResultProblems(workGroups),
    ], this);

    const permissions = [
      ...queryPermissions(workGroups, sessionTagKey),
      ...catalogPermissions(Stack.of(this), catalogs.map(({ databaseName }) => databaseName)),
      ...consoleAccess ? consolePermissions(Stack.of(this)) : [],
      ...data.flatMap(({ _permissions }) => _permissions),
    ];
    const role = new iam.Role(this, 'Resource', {
      assumedBy: trustedAnalyst({ assumedBy, principalTags, sessionTagKey }),
      description: 'Asks who spent what on Amazon Bedrock',
      roleName: props.roleName,
      maxSessionDuration: props.maxSessionDuration,
      permissionsBoundary: props.permissionsBoundary,
      inlinePolicies: { AskWhoSpentWhat: new iam.PolicyDocument({ statements: permissions.map(asStatement) }) },
    });
    acknowledgeWildcards(role, permissions);
    if (sessionTagKey !== undefined) this.node.addValidation({ validate: () => untaggedProblems(workGroups, sessionTagKey) });
    this.role = role;
    this.grantPrincipal = role;
  }
}

function queryPermissions(workGroups: IQueryWorkGroup[], sessionTagKey: string | undefined): Permission[] {
  const resources = workGroups.map(({ workGroupArn }) => workGroupArn);
  const conditions = sessionTagKey === undefined ? undefined : {
    StringEquals: { [`aws:ResourceTag/${sessionTagKey}`]: `\${aws:PrincipalTag/${sessionTagKey}}` },
  };
  return [
    { actions: QUERY_ACTIONS, resources, conditions },
    ...workGroups.flatMap(({ results }) => results === undefined ? [] : resultPermissions(results)),
  ];
}

function consolePermissions(stack: Stack): Permission[] {
  return [
    { actions: ['athena:ListDataCatalogs', 'athena:ListEngineVersions', 'athena:ListWorkGroups'], resources: ['*'] },
    {
      actions: ['athena:GetDatabase', 'athena:GetTableMetadata', 'athena:ListDatabases', 'athena:ListTableMetadata'],
      resources: [dataSourceArn(stack)],
    },
  ];
}

function acknowledgeWildcards(role: iam.Role, permissions: Permission[]): void {
  for (const resource of new Set(permissions.flatMap(({ resources }) => resources))) {
    if (resource === '*') {
      acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'lists of Athena, and access by way of Lake Formation, have no resource in IAM');
    } else if (resource.endsWith('/*')) {
      acknowledgeWildcard(role, resource, 'all tables of a database, or all files of a folder, that the analyst was given');
    }
  }
}

function listProblems(lists: Record<string, unknown[]>): string[] {
  return Object.entries(lists).filter(([, list]) => list.length === 0)
    .map(([prop]) => `${prop} is empty: name at least one, for an analyst could ask nothing`);
}

function folderProblems(data: AnalystData[]): string[] {
  return data.flatMap(({ _folders }) => _folders).filter(folder => !Token.isUnresolved(folder) && !/^[^/*?]+(\/[^/*?]+)*$/.test(folder))
    .map(folder => `data has the folder ${JSON.stringify(folder)}: use folder names joined by "/", with no slash at either end and no wildcard`);
}

function sharedResultProblems(workGroups: IQueryWorkGroup[]): string[] {
  return workGroups.filter(({ results }) => results?.bucket !== undefined).map(({ node }) => (
    `the workgroup at ${node.path} keeps its results in a bucket, where analysts with other values of sessionTagKey could read them: `
    + 'give it QueryResults.managed(), or make a role for each'
  ));
}

/** A workgroup that was made here without the tag could be used by nobody. */
function untaggedProblems(workGroups: IQueryWorkGroup[], sessionTagKey: string): string[] {
  return workGroups.flatMap(({ node }) => {
    const tags = node.defaultChild === undefined ? undefined : TagManager.of(node.defaultChild)?.tagValues();
    if (tags === undefined || sessionTagKey in tags) return [];
    return [`the workgroup at ${node.path} has no tag ${JSON.stringify(sessionTagKey)}, and no analyst could use it: give it one in tags`];
  });
}
