import { Annotations, type IResource, Resource } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { SchemaLock, type AttributionSchema } from '../schema';
import { SCHEMA_PARAMETER_NAME } from '../schema/parameter-name';
import { AttributionSchemaParameterGrants } from './attribution-schema-parameter-grants';
import { parameterProblems, refusals } from './validate-attribution-schema-parameter';

/**
 * A published schema, published here or elsewhere.
 */
export interface IAttributionSchemaParameter extends IResource {
  /** The parameter that holds the schema. */
  readonly parameter: ssm.IStringParameter;

  /** Permissions on the published schema. */
  readonly grants: AttributionSchemaParameterGrants;
}

/**
 * Properties of a published schema.
 */
export interface AttributionSchemaParameterProps {
  /** The schema to publish. */
  readonly schema: AttributionSchema;

  /**
   * Text of the lock of the schema, the content of `attribution-schema.lock.json`. A change that the lock refuses fails synthesis.
   *
   * @default - no change is refused, and a warning says how to make a lock
   */
  readonly lockText?: string;

  /**
   * Name of the parameter: a path of at most 954 characters and 15 levels. A token must resolve to one too.
   *
   * @default '/bedrock-cost-attribution/schema'
   */
  readonly parameterName?: string;

  /**
   * Tier of the parameter: up to 4 KiB fit into the standard one, 8 KiB into the others, which AWS charges for.
   *
   * @default ParameterTier.STANDARD
   */
  readonly tier?: ssm.ParameterTier;
}

/**
 * The attribution schema as compact JSON in SSM Parameter Store, so that applications, gateways and other languages read the same keys at
 * run time.
 *
 * Belongs into each workload account and Region. It attributes nothing by itself.
 *
 * Synthesis does not depend on the clock: here a required key is accepted with any `requiredFrom` date, while `bca schema check` judges
 * whether that date lies in the future.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
 */
export class AttributionSchemaParameter extends Resource implements IAttributionSchemaParameter {
  /**
   * Brings in a schema that was published elsewhere in this account and Region, so that a principal can be let read it.
   *
   * @param parameterName the path of the parameter, such as the default `/bedrock-cost-attribution/schema`
   */
  public static fromParameterName(scope: Construct, id: string, parameterName: string): IAttributionSchemaParameter {
    class Import extends Resource implements IAttributionSchemaParameter {
      /** The imported parameter. */
      public readonly parameter = ssm.StringParameter.fromStringParameterAttributes(this, 'Parameter', { parameterName, simpleName: false });
      /** Permissions on the imported parameter. */
      public readonly grants = AttributionSchemaParameterGrants.fromAttributionSchemaParameter(this);
    }
    return new Import(scope, id);
  }

  /** The parameter that holds the schema. */
  public readonly parameter: ssm.IStringParameter;

  /** Permissions on the published schema. */
  public readonly grants = AttributionSchemaParameterGrants.fromAttributionSchemaParameter(this);

  public constructor(scope: Construct, id: string, props: AttributionSchemaParameterProps) {
    super(scope, id);
    const parameterName = props.parameterName ?? SCHEMA_PARAMETER_NAME;
    const tier = props.tier ?? ssm.ParameterTier.STANDARD;
    const stringValue = props.schema.compactJson();
    throwProblems('InvalidAttributionSchemaParameter', 'the schema parameter', parameterProblems(parameterName, stringValue, tier), this);
    this.holdToLock(props.schema, props.lockText);

    this.parameter = new ssm.StringParameter(this, 'Parameter', {
      parameterName,
      // says of a name that is not known yet that it is a path, so that the ARN comes out right
      simpleName: false,
      stringValue,
      tier,
      description: `Attribution schema, version ${props.schema.version}`,
    });
  }

  private holdToLock(schema: AttributionSchema, lockText?: string): void {
    if (lockText === undefined) {
      Annotations.of(this).addWarningV2('bedrock-cost-attribution:schemaLockMissing',
        'the attribution schema has no lock, so that a removed or renamed key would go unnoticed: write one with `bca schema lock`, commit it and give its text as lockText');
      return;
    }
    const changes = SchemaLock.compare(lockText, schema);
    throwProblems('SchemaLockRefused', 'the attribution schema, held against its lock,', refusals(changes), this);
    if (changes.length > 0) {
      Annotations.of(this).addWarningV2('bedrock-cost-attribution:schemaLockBehind',
        'the lock of the attribution schema is behind the schema: check it with `bca schema check`, update it with `bca schema lock` and commit it');
    }
  }
}
