import { DeleteParameterCommand, GetParameterCommand, ParameterNotFound, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** The text of an SSM parameter; undefined when there is none. */
export async function readParameter(client: SSMClient, Name: string): Promise<string | undefined> {
  return unlessMissing(async () => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name }));
    return Parameter?.Value ?? '';
  });
}

/** Writes the text of an SSM parameter, which is charged for only if it takes more than the 4 KiB of a standard one. */
export async function writeParameter(client: SSMClient, Name: string, Value: string): Promise<void> {
  await client.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true, Tier: 'Intelligent-Tiering' }));
}

/** Deletes an SSM parameter, if there is one. */
export async function deleteParameter(client: SSMClient, Name: string): Promise<void> {
  await unlessMissing(() => client.send(new DeleteParameterCommand({ Name })));
}

async function unlessMissing<T>(operation: () => Promise<T>): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
