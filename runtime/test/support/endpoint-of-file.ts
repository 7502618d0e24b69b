import { AwsEndpoint } from './aws-endpoint';

/** An endpoint for the tests of one file, forgetful between them. */
export function endpointOfFile(): () => AwsEndpoint {
  let endpoint: AwsEndpoint;
  beforeAll(async () => {
    endpoint = await AwsEndpoint.start();
  });
  afterEach(() => {
    endpoint.reset();
  });
  afterAll(() => endpoint.close());
  return () => endpoint;
}
