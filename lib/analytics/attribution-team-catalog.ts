import { Resource, Token } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { AthenaView } from './athena-view';
import type { AttributionCatalog, IAttributionCatalog } from './attribution-catalog';
import { hiveType, viewColumns } from './sql/view-columns';
import { viewKeys } from './sql/view-keys';
import { quote } from './sql/view-template';

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
 * A database for one team, with the views `attributed_spend` and `invocation_costs` reduced to its rows.
 *
 * The views keep what others spend out of dashboards and questions; **they keep nothing secret**. A view of Athena is asked with the
 * rights of whoever asks, who needs the files of the whole ledger and may then read them without the view. What is to be kept from a team
 * has to be kept from it by an `AttributionRowFilter` of Lake Formation, or in files that its role may not read.
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

  /** The views of the team. */
  public readonly views: AthenaView[];

  /** The reference by which other constructs take the database. */
  public get databaseRef(): glue.DatabaseReference {
    return { databaseName: this.databaseName };
  }

  constructor(scope: Construct, id: string, props: AttributionTeamCatalogProps) {
    super(scope, id);
    const { catalog, value } = props;
    const keyName = props.keyName ?? 'team';
    const databaseName = props.databaseName ?? `bedrock_cost_${value.toLowerCase().replace(/[^a-z0-9]/g, '_')}`;
    validateTeamCatalog({ catalog, value, keyName, databaseName, isNamed: props.databaseName !== undefined }, this);

    const database = new glue.CfnDatabase(this, 'Resource', {
      catalogId: this.stack.account,
      databaseInput: { name: databaseName, description: `What ${value} spent on Amazon Bedrock` },
    });
    this.databaseName = database.ref;

    const parameters = { keys: viewKeys(catalog.schema), spendKeys: catalog.spendKeys };
    const [attributedSpend, invocationCosts] = TEAM_VIEWS.map((viewName) => {
      const columns = viewColumns(viewName, parameters);
      return {
        database,
        viewName,
        description: `${DESCRIPTIONS[viewName]} to ${value}`,
        sql: [
          `SELECT ${columns.map(({ name }) => name).join(', ')}`,
          `FROM "${catalog.databaseName}".${viewName}`,
          `WHERE ${keyName} = ${quote(value)}`,
        ].join('\n'),
        columns: columns.map(({ name, type }) => ({ name, type: hiveType(type) })),
      };
    });
    this.views = [new AthenaView(this, 'AttributedSpend', attributedSpend), new AthenaView(this, 'InvocationCosts', invocationCosts)];
  }
}

interface TeamCatalogToValidate {
  readonly catalog: AttributionCatalog;
  readonly value: string;
  readonly keyName: string;
  readonly databaseName: string;
  readonly isNamed: boolean;
}

function validateTeamCatalog({ catalog, value, keyName, databaseName, isNamed }: TeamCatalogToValidate, scope: Construct): void {
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
  if (!Token.isUnresolved(databaseName) && !Token.isUnresolved(value) && !/^[a-z0-9_]{1,255}$/.test(databaseName)) {
    problems.push(`databaseName is ${JSON.stringify(databaseName)}: use 1 to 255 lower-case letters, digits and underscores`);
  }
  throwProblems('InvalidAttributionTeamCatalog', 'the catalog of a team', problems, scope);
}
