import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AwsEndpoint, type EndpointCredentials } from '../support/aws-endpoint';

/** The services of one Region, and clients of it. */
export class TestRegion {
  public static async start(name: string): Promise<TestRegion> {
    return new TestRegion(name, await AwsEndpoint.start());
  }

  public readonly ssm: SSMClient;
  private readonly clients: BedrockRuntimeClient[] = [];

  private constructor(public readonly name: string, public readonly endpoint: AwsEndpoint) {
    this.ssm = new SSMClient(this.config);
  }

  /** Publishes a profile as the construct library does, and gives its ARN. */
  public publish(path: string, sourceId: string, modelId: string, id = 'abc123'): string {
    const inferenceProfileArn = `arn:aws:bedrock:${this.name}:111122223333:application-inference-profile/${id}`;
    const level = sourceId.replace(/:/g, '_3a');
    this.endpoint.parameters.set(`${path}/${level}`, JSON.stringify({ inferenceProfileArn, sourceId, modelId }));
    return inferenceProfileArn;
  }

  /** A client of its own, so that plug-ins of one test are not those of another. */
  public newBedrock(): BedrockRuntimeClient {
    const client = new BedrockRuntimeClient(this.config);
    this.clients.push(client);
    return client;
  }

  public async close(): Promise<void> {
    for (const client of [this.ssm, ...this.clients]) client.destroy();
    await this.endpoint.close();
  }

  private get config(): { endpoint: string; region: string; credentials: EndpointCredentials; maxAttempts: number } {
    const { name: region, endpoint: { url, credentials } } = this;
    return { endpoint: url, region, credentials, maxAttempts: 1 };
  }
}
