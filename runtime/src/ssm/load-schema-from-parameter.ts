import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { AttributionSchema } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { SCHEMA_PARAMETER_NAME } from '../../../lib/schema/parameter-name';
import { AttributionError } from '../attribution-error';
import { jsonObject, NO_OBJECT } from '../json-object';
import type { SchemaDefinition } from '../schema-definition';
import { parseSchema, type SchemaSource } from '../schema-source';
import { parameterNameProblems, refreshProblems } from './check-options';
import { RefreshedValue, type RefreshOptions } from './refreshed-value';

/**
 * Where the schema is published, and how it is kept fresh.
 */
export interface LoadSchemaOptions<D extends SchemaDefinition = SchemaDefinition> extends RefreshOptions {
  /** Client of the account and Region that the schema is published in. Its principal needs `ssm:GetParameter` on the parameter. */
  readonly client: SSMClient;

  /**
   * Name of the parameter, or its ARN where another account shares it.
   *
   * @default '/bedrock-cost-attribution/schema'
   */
  readonly parameterName?: string;

  /**
   * Schema to start with when the parameter cannot be read or holds none.
   *
   * @default - the start fails
   */
  readonly initial?: SchemaSource<D>;
}

/** A schema that is read again once it is old. */
export interface RefreshedSchema<D extends SchemaDefinition = SchemaDefinition> extends SchemaSource<D> {
  /**
   * Reads the schema now, or waits for the attempt that is on its way.
   *
   * @throws why it could not be read; the last good one stays
   */
  refresh(): Promise<void>;
}

/** A schema, and the text that it was made of. */
interface Edition {
  readonly schema: AttributionSchema;
  readonly text?: string;
}

/**
 * Reads the schema that `AttributionSchemaParameter` of the construct library publishes, and follows its changes.
 *
 * A text that is no schema never takes the place of a good one. The type parameter gives the keys as `bca schema types` writes them: what
 * the parameter holds may have changed since.
 *
 * @throws AttributionError `InvalidConfiguration` for wrong options, `InvalidSchema` when the parameter holds no schema; errors of the
 *   client when it cannot be read
 */
export async function loadSchemaFromParameter<D extends SchemaDefinition = SchemaDefinition>(
  options: LoadSchemaOptions<D>,
): Promise<RefreshedSchema<D>> {
  const { client, parameterName = SCHEMA_PARAMETER_NAME, initial } = options;
  const problems = [...parameterNameProblems(parameterName), ...refreshProblems(options)];
  if (problems.length > 0) throw new AttributionError('InvalidConfiguration', 'the source of the attribution schema', problems);

  const value = await RefreshedValue.start<Edition>({
    subject: `the attribution schema at ${parameterName}`,
    initial: initial && { schema: initial.current },
    async read(last, abortSignal) {
      const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: parameterName }), { abortSignal });
      const text = textOf(parameterName, parameter);
      // the same text is the same schema: whoever has judged that need not do it again
      return text === last?.text ? last : { schema: parseSchema(text), text };
    },
  }, options);
  return {
    get current() {
      return value.current.schema;
    },
    refresh: () => value.refresh(),
  };
}

function textOf(path: string, parameter: { readonly Type?: string; readonly Value?: string } | undefined): string {
  const { Type: type = 'unknown', Value: value } = parameter ?? {};
  if (type === 'String' && value !== undefined && jsonObject(value) !== undefined) return value;
  const wrong = type === 'String'
    ? { code: 'json', got: NO_OBJECT, allowed: 'the JSON text of a schema' }
    : { code: 'parameterType', got: `a parameter of type ${type}`, allowed: 'a parameter of type String' };
  const problem = newProblem({ ...wrong, path, remedy: 'publish it with AttributionSchemaParameter' });
  throw new AttributionError('InvalidSchema', 'the attribution schema', [problem]);
}
