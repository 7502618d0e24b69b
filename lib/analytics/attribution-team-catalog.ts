import { Resource, Token } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type { Construct, IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { AthenaView } from './athena-view';
import type { AttributionCatalog, IAttributionCatalog } from './attribution-catalog';
import { hiveType, viewColumns } from './sql/view-columns';
import { viewKeys } from './sql/view-keys';
import { quote } from './sql/view-template';

/**
 * What the database of a team has.
 */
export enum TeamRows {
  /**
   * Tables `attributed_spend` and `usage_daily` with copies of the rows of the team, which a `UsageLedger` makes anew whenever it reads the
   * bill. Whoever may read these files only sees nobody else's rows.
   */
  COPIES = 'copies',

  /**
   * Views `attributed_spend` and `invocation_costs` of the whole ledger, reduced to the rows of the team: as new as the ledger, and **they
   * keep nothing secret**. A view of Athena is asked with the rights of whoever asks, who needs the files of the whole ledger.
   */
  VIEWS = 'views',
}

/**
 * Properties of the catalog of one team.
 */
export interface AttributionTeamCatalogProps {
  /** The catalog whose rows are shown. */
  readonly catalog: AttributionCatalog;

  /** The value whose rows are shown, such as the name of the team. */
  readonly value: string;

  /**
   * Name of the key that has the value, one of the keys that billed dollars are split by.
   *
   * @default 'team'
   */
  readonly keyName?: string;

  /**
   * What the database has: copies, which protect the rows of others and have to be named in `teamCatalogs` of a `UsageLedger`, or views.
   *
   * @default TeamRows.COPIES
   */
  readonly rows?: TeamRows;

  /**
   * Name of the Glue database of the team: 1 to 255 lower-case letters, digits and underscores.
   *
   * @default - `bedrock_cost_` and the value, with underscores for all but its lower-case letters and digits
   */
  readonly databaseName?: string;
}

/** The views that a team sees its rows of. */
const TEAM_VIEWS = ['attributed_spend', 'invocation_costs'] as const;

const DESCRIPTIONS: Readonly<Record<typeof TEAM_VIEWS[number], string>> = {
  attributed_spend: 'What is billed',
  invocation_costs: 'What each request should cost at list price',
};

/**
 * A database for one team, with its rows of the ledger and nobody else's.
 *
 * Belongs into the account of the catalog. A role that may read this database and `AnalystData.team(…)` sees what the team spent; with
 * copies it can see nothing else.
 *
 * Dollars and requests without a value belong to nobody here: ask `unattributed_spend` of the whole catalog for them.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/views.html
 */
export class AttributionTeamCatalog extends Resource implements IAttributionCatalog {
  /**
   * Name of the Glue database.
   *
   * @attribute
   */
  public readonly databaseName: string;

  /** What the database has. */
  public readonly rows: TeamRows;

  /** The catalog whose rows are shown. */
  public readonly catalog: AttributionCatalog;

  /** The views of the team; none where it has copies. */
  public readonly views: AthenaView[];

  /**
   * Folder of the copies in the store, without a slash at either end.
   *
   * @internal
   */
  public readonly _folder: string;

  /**
   * The rows of the team, as a condition of SQL: name of a column, and a literal.
   *
   * @internal
   */
  public readonly _owner: { readonly column: string; readonly literal: string };

  private copier?: IConstruct;

  /** The reference by which other constructs take the database. */
  public get databaseRef(): glue.DatabaseReference {
    return { databaseName: this.databaseName };
  }

  constructor(scope: Construct, id: string, props: AttributionTeamCatalogProps) {
    super(scope, id);
    const { catalog, value } = props;
    const keyName = props.keyName ?? 'team';
    const rows = props.rows ?? TeamRows.COPIES;
    const databaseName = props.databaseName ?? `bedrock_cost_${value.toLowerCase().replace(/[^a-z0-9]/g, '_')}`;
    validateTeamCatalog({ catalog, value, keyName, rows, databaseName, isNamed: props.databaseName !== undefined }, this);

    const database = new glue.CfnDatabase(this, 'Resource', {
      catalogId: this.stack.account,
      databaseInput: { name: databaseName, description: `What ${value} spent on Amazon Bedrock` },
    });
    this.databaseName = database.ref;
    this.catalog = catalog;
    this.rows = rows;
    this._folder = `ledger/teams/${databaseName}`;
    this._owner = { column: keyName, literal: quote(value) };
    this.views = rows === TeamRows.VIEWS ? this.makeViews(database, value) : [];
    this.node.addValidation({
      validate: () => rows === TeamRows.VIEWS || this.copier !== undefined ? [] : [
        'no UsageLedger makes the copies of this team, and its database stays empty: name it in teamCatalogs of one, or use TeamRows.VIEWS',
      ],
    });
  }

  /**
   * Takes note of the ledger that makes the copies.
   *
   * @internal
   */
  public _copiedBy(ledger: IConstruct): void {
    this.copier = ledger;
  }

  private makeViews(database: glue.CfnDatabase, value: string): AthenaView[] {
    const { schema, spendKeys, databaseName, views } = this.catalog;
    const { column, literal } = this._owner;
    return TEAM_VIEWS.map((viewName) => {
      const columns = viewColumns(viewName, { keys: viewKeys(schema), spendKeys });
      const view = new AthenaView(this, viewName === 'attributed_spend' ? 'AttributedSpend' : 'InvocationCosts', {
        database,
        viewName,
        description: `${DESCRIPTIONS[viewName]} to ${value}`,
        sql: [
          `SELECT ${columns.map(({ name }) => name).join(', ')}`,
          `FROM "${databaseName}".${viewName}`,
          `WHERE ${column} = ${literal}`,
        ].join('\n'),
        columns: columns.map(({ name, type }) => ({ name, type: hiveType(type) })),
      });
      // a key that is added shall be in the view that is read before it is in this one
      view.node.addDependency(...views.filter(whole => whole.viewName === viewName));
      return view;
    });
  }
}

interface TeamCatalogToValidate {
  readonly catalog: AttributionCatalog;
  readonly value: string;
  readonly keyName: string;
  readonly rows: TeamRows;
  readonly databaseName: string;
  readonly isNamed: boolean;
}

function validateTeamCatalog({ catalog, value, keyName, rows, databaseName, isNamed }: TeamCatalogToValidate, scope: Construct): void {
  const problems: string[] = [];
  if (!catalog.spendKeys.includes(keyName)) {
    problems.push(`keyName is ${JSON.stringify(keyName)}: use one of the keys that dollars are split by, ${catalog.spendKeys.join(', ')}`);
  }
  if (value === '') problems.push('value is empty: name the value whose rows are shown');
  const allowed = catalog.schema.key(keyName)?.allowedValues;
  if (!Token.isUnresolved(value) && value !== '' && allowed !== undefined && !allowed.includes(value)) {
    problems.push(`value is ${JSON.stringify(value)}, which the schema does not allow for ${keyName}: use one of ${allowed.join(', ')}`);
  }
  if (Token.isUnresolved(value) && !isNamed) problems.push('value is known at deployment only, and makes no name of a database: give databaseName');
  if (rows === TeamRows.COPIES && (Token.isUnresolved(value) || (isNamed && Token.isUnresolved(databaseName)))) {
    problems.push('value or databaseName is known at deployment only, and copies are made by statements that have both: write them out, or use TeamRows.VIEWS');
  }
  if ((isNamed || !Token.isUnresolved(value)) && !Token.isUnresolved(databaseName) && !/^[a-z0-9_]{1,255}$/.test(databaseName)) {
    problems.push(`databaseName is ${JSON.stringify(databaseName)}: use 1 to 255 lower-case letters, digits and underscores`);
  }
  throwProblems('InvalidAttributionTeamCatalog', 'the catalog of a team', problems, scope);
}
