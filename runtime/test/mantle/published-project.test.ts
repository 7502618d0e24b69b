import { SSMClient } from '@aws-sdk/client-ssm';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { MantleProject } from '../../../lib/mantle-projects';
import { defineAttributionSchema } from '../../src';
import { openProject } from '../../src/mantle';
import { AwsEndpoint } from '../support/aws-endpoint';

const SCHEMA = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, spellings: { resourceTag: 'Team' } },
    { name: 'feature', description: 'Feature of the service.', required: true, carriers: ['requestMetadata'] },
    { name: 'service', description: 'Service that makes the call.', required: true },
    { name: 'cost_center', description: 'Who pays.', required: true, requiredFrom: '2020-01-01' },
    { name: 'env', description: 'Stage that the service runs in.' },
  ],
});
const ATTRIBUTION = { team: 'Fraud Risk', service: 'check_out/v2', env: 'prod' };

let endpoint: AwsEndpoint;
let ssm: SSMClient;

beforeAll(async () => {
  endpoint = await AwsEndpoint.start();
  ssm = new SSMClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials: endpoint.credentials });
});
afterAll(async () => {
  ssm.destroy();
  await endpoint.close();
});

test('a project that the construct makes is found and verified by the values that it was made with', async () => {
  const stack = new Stack(new App(), 'Stack');
  const project = new MantleProject(stack, 'Project', { schema: SCHEMA.current, attribution: ATTRIBUTION });
  const [made] = Object.values(Template.fromStack(stack).findResources('AWS::BedrockMantle::Project')) as { Properties: { Tags: { Key: string; Value: string }[] } }[];
  const tags = Object.fromEntries(made.Properties.Tags.map(({ Key, Value }) => [Key, Value]));

  endpoint.projects.set('proj_made', { id: 'proj_made', name: 'made', status: 'active', tags });
  const published = { projectArn: 'arn:aws:bedrock-mantle:eu-west-1:111122223333:project/proj_made', projectId: 'proj_made' };
  endpoint.parameters.set(project.parameterName!, JSON.stringify(published));
  const opened = await openProject({
    parameter: { client: ssm }, region: 'eu-west-1', endpoint: endpoint.url, auth: { bearerToken: endpoint.apiKey }, schema: SCHEMA, attribution: ATTRIBUTION,
  });
  expect(opened.id).toBe('proj_made');
});
