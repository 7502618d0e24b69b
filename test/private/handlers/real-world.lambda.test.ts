import { BedrockClient, GetModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock';
import { CLIENT_OPTIONS } from '../../../lib/private/handlers/real-world.lambda-shared';
import { BedrockLoggingEndpoint } from '../../support/bedrock-logging-endpoint';

test('a service that does not answer is given up, not waited for until the function ends', async () => {
  const endpoint = await BedrockLoggingEndpoint.start();
  endpoint.region('eu-west-1').delay('Get', 3_600_000);
  const client = new BedrockClient({
    endpoint: endpoint.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: { ...CLIENT_OPTIONS.requestHandler, requestTimeout: 100 },
  });
  await expect(client.send(new GetModelInvocationLoggingConfigurationCommand({}))).rejects.toMatchObject({ name: 'TimeoutError' });
  await endpoint.stop();
});
