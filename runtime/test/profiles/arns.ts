/** ARN of an application inference profile. */
export function profileArn(id: string, region = 'eu-west-1', partition = 'aws'): string {
  return `arn:${partition}:bedrock:${region}:111122223333:application-inference-profile/${id}`;
}
