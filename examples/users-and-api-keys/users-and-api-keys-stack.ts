import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { access, inferenceProfiles, schema } from '../../lib';

const { InvocationTarget } = access;

/** Two people of two teams, who call models with access keys, from the console, or with short-term API keys. */
export class UsersAndApiKeysStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const attributionSchema = schema.AttributionSchema.starter({ teams: ['payments', 'research'], envs: ['dev', 'prod'] });

    const group = new access.BedrockUserGroup(this, 'Users', {
      schema: attributionSchema,
      targets: [InvocationTarget.anyModel(), InvocationTarget.matchingTags('team')],
      controls: { comparedKeys: ['team'] },
    });
    group.addUser('Alice', { userName: 'alice', attribution: { team: 'payments', service: 'prototypes', env: 'dev' } });
    group.addUser('Bob', { userName: 'bob', attribution: { team: 'research', service: 'notebooks', env: 'dev' } });

    new inferenceProfiles.ApplicationInferenceProfile(this, 'Summaries', {
      schema: attributionSchema,
      modelSource: inferenceProfiles.ModelSource.foundationModel('amazon.nova-lite-v1:0'),
      attribution: { team: 'payments', service: 'summaries', env: 'dev' },
    });
  }
}
