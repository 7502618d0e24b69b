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
  constructor(scope: Construct, id: string, props: WorkloadServiceProps) {
    super(scope, id);
    const { attribution, models: sources, runsOn } = props.service;
    const models = new Construct(this, 'Models');
    const profiles = Object.entries(sources).map(([modelId, modelSource]) => (
      new inferenceProfiles.ApplicationInferenceProfile(models, modelId, { schema: props.schema, attribution, modelSource })
    ));
    new access.BedrockServiceRole(this, 'Role', {
      schema: props.schema,
      attribution,
      assumedBy: new iam.ServicePrincipal(runsOn),
      targets: profiles.map(profile => access.InvocationTarget.profile(profile)),
    });
  }
}
