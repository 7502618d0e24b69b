import { DeleteParameterCommand, GetParameterCommand, ParameterNotFound, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { AwsClientStub } from 'aws-sdk-client-mock';

/** Has a mocked client keep the texts of parameters in memory, by name; one that is not there is not found. */
export function keepParameters(ssm: AwsClientStub<SSMClient>, parameters: Map<string, string>): void {
  const textOf = (name: string): string => {
    const text = parameters.get(name);
    if (text === undefined) throw new ParameterNotFound({ message: 'no such parameter', $metadata: {} });
    return text;
  };
  ssm.on(GetParameterCommand).callsFake(({ Name }: { Name: string }) => ({ Parameter: { Value: textOf(Name) } }));
  ssm.on(PutParameterCommand).callsFake(({ Name, Value }: { Name: string; Value: string }) => {
    parameters.set(Name, Value);
    return {};
  });
  ssm.on(DeleteParameterCommand).callsFake(({ Name }: { Name: string }) => {
    textOf(Name);
    parameters.delete(Name);
    return {};
  });
}
