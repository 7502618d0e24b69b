import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { access, inferenceProfiles, type schema } from '../../lib';
import type { ServiceConfig } from '../app-config';

/** Properties of a service. */
export interface WorkloadServiceProps {
  /** What the configuration says about the service. */
  readonly service: ServiceConfig;

  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;
}

/** One service: a profile per model, and the role that may call them. */
export class WorkloadService extends Construct {
  /** What the configuration says about the service. */
  public readonly config: ServiceConfig;

  /** The role that it calls models as. */
  public readonly role: iam.IRole;

  /** The profiles by the ids of their models. */
  public readonly profiles: Record<string, inferenceProfiles.ApplicationInferenceProfile>;

  constructor(scope: Construct, id: string, props: WorkloadServiceProps) {
    super(scope, id);
    this.config = props.service;
    const { attribution, models: sources, runsOn } = props.service;
    const models = new Construct(this, 'Models');
    this.profiles = Object.fromEntries(Object.entries(sources).map(([modelId, modelSource]) => (
      [modelId, new inferenceProfiles.ApplicationInferenceProfile(models, modelId, { schema: props.schema, attribution, modelSource })]
    )));
    this.role = new access.BedrockServiceRole(this, 'Role', {
      schema: props.schema,
      attribution,
      assumedBy: new iam.ServicePrincipal(runsOn),
      targets: Object.values(this.profiles).map(profile => access.InvocationTarget.profile(profile)),
    }).role;
  }
}
