import { Stack, Token } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import * as lakeformation from 'aws-cdk-lib/aws-lakeformation';
import { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { LakeFormationLocations } from './lake-formation-locations';
import { LakeFormationPermissions } from './lake-formation-permissions';
import type { LakeFormationPrincipal } from './lake-formation-principal';

/**
 * Who may do what in an account that Lake Formation governs.
 */
export interface LakeFormationGrantsProps {
  /**
   * Who may read all tables and views of the database: `DESCRIBE` on the database, `DESCRIBE` and `SELECT` on its tables.
   *
   * @default - nobody but the writers
   */
  readonly readers?: LakeFormationPrincipal[];

  /**
   * Who makes and fills tables, such as the role that keeps the ledger: `DESCRIBE` and `CREATE_TABLE` on the database, `DESCRIBE`,
   * `SELECT`, `INSERT`, `DELETE` and `ALTER` on its tables, and `DATA_LOCATION_ACCESS` on governed locations. They may read as well.
   *
   * @default - nobody but the deploying role
   */
  readonly writers?: LakeFormationPrincipal[];

  /**
   * Who decides about the files behind the tables.
   *
   * @default LakeFormationLocations.ungoverned()
   */
  readonly locations?: LakeFormationLocations;
}

/**
 * Properties of the permissions on one database.
 */
export interface LakeFormationDatabaseGrantsProps extends LakeFormationGrantsProps {
  /** The database whose tables and views are read and written. */
  readonly database: glue.IDatabaseRef;

  /**
   * ARNs of the buckets or folders that hold the data of the tables, without a slash at the end.
   *
   * @default - none: nobody is given a location
   */
  readonly dataLocationArns?: string[];
}

/**
 * The permissions of Lake Formation that a database needs in an account which no longer uses IAM access control only: there, tables that
 * CloudFormation makes can be read by nobody until it says so.
 *
 * The permissions are on all tables of the database, so that they hold for those that are made later, by Athena. The role that deploys has
 * to be an administrator of the data lake, or to hold them with the grant option. Readers also need `lakeformation:GetDataAccess` by IAM,
 * and `DESCRIBE` on the database `default`, which Athena asks for.
 *
 * @see https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html
 * @see https://docs.aws.amazon.com/athena/latest/ug/lf-athena-limitations.html
 */
export class LakeFormationDatabaseGrants extends Construct {
  private readonly permissions: LakeFormationPermissions;
  private readonly database: object;
  private readonly tables: object;
  private readonly governed: { readonly resourceArns: string[]; readonly registered: Construct[] };

  constructor(scope: Construct, id: string, props: LakeFormationDatabaseGrantsProps) {
    super(scope, id);
    const { readers = [], writers = [], dataLocationArns = [] } = props;
    const locations = props.locations ?? LakeFormationLocations.ungoverned();
    throwProblems('InvalidLakeFormationGrants', 'the Lake Formation grants', [
      ...grantProblems(readers, writers),
      ...dataLocationArns.length === 0 && locations.registration !== undefined
        ? ['locations are to be registered, and dataLocationArns names none: name them, or leave locations out'] : [],
    ], this);

    const catalogId = Stack.of(this).account;
    const { databaseName } = props.database.databaseRef;
    this.database = { database: { catalogId, name: databaseName } };
    this.tables = { table: { catalogId, databaseName, tableWildcard: {} } };
    this.governed = {
      registered: dataLocationArns.flatMap((resourceArn, index) => this.register(resourceArn, index, locations)),
      resourceArns: locations.areGoverned ? dataLocationArns : [],
    };
    this.permissions = new LakeFormationPermissions(this, 'Permissions');
    for (const reader of readers) this.addReader(reader);
    for (const writer of writers) this.addWriter(writer);
  }

  /** Lets somebody else read all tables and views of the database. */
  public addReader(reader: LakeFormationPrincipal): void {
    this.permissions.give(reader, ['DESCRIBE'], this.database);
    this.permissions.give(reader, ['DESCRIBE', 'SELECT'], this.tables);
  }

  /** Lets somebody else make and fill tables. */
  public addWriter(writer: LakeFormationPrincipal): void {
    this.permissions.give(writer, ['DESCRIBE', 'CREATE_TABLE'], this.database);
    this.permissions.give(writer, ['DESCRIBE', 'SELECT', 'INSERT', 'DELETE', 'ALTER'], this.tables);
    for (const resourceArn of this.governed.resourceArns) {
      const dataLocation = { catalogId: Stack.of(this).account, resourceArn };
      this.permissions.give(writer, ['DATA_LOCATION_ACCESS'], { dataLocation }, this.governed.registered);
    }
  }

  private register(resourceArn: string, index: number, { registration }: LakeFormationLocations): Construct[] {
    if (registration === undefined) return [];
    const { role, hybridAccess } = registration;
    return [new lakeformation.CfnResource(this, `Location${index}`, {
      resourceArn,
      roleArn: role?.roleRef.roleArn,
      useServiceLinkedRole: role === undefined,
      hybridAccessEnabled: hybridAccess ?? true,
    })];
  }
}

function grantProblems(readers: LakeFormationPrincipal[], writers: LakeFormationPrincipal[]): string[] {
  const identifiers = [...readers, ...writers].map(({ identifier }) => identifier);
  return [...new Set(identifiers)].flatMap((identifier) => {
    if (!Token.isUnresolved(identifier) && identifier.trim() === '') return ['the identifier of a principal is empty: give an ARN or an account'];
    return identifiers.filter(other => other === identifier).length > 1
      ? [`${JSON.stringify(identifier)} is named more than once: name it once, among the writers if it is to write, who may read as well`] : [];
  });
}
