import { App, Aws, CfnParameter, Duration, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { invocationLogging } from '../../lib';
import { FaultTable } from './fault-table';

const { CLOUDWATCH_LOGS, S3 } = invocationLogging.InvocationLogDestination;
const table = new FaultTable('At synthesis');

/** The sentence of an error in which the problem is told. */
function refused(build: () => void): string {
  try {
    build();
  } catch (error) {
    return `refused: ${/ {2}- (.*)/.exec(String(error))?.[1] ?? String(error)}`;
  }
  throw new Error('was taken');
}

/** The prefix in the configuration of a store, and in the policy of its bucket. */
function prefixes(keyPrefix: string): string {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  new invocationLogging.InvocationLogging(stack, 'Logging', { store: new invocationLogging.InvocationLogStore(stack, 'Store', { keyPrefix }) });
  const template = JSON.stringify(Template.fromStack(stack).toJSON());
  const configured = /keyPrefix\\*":\\*"([^"\\]*)/.exec(template)?.[1];
  const admitted = /"\/([^"]*)AWSLogs\/111122223333\/BedrockModelInvocationLogs\/\*"/.exec(template)?.[1];
  return `configured as ${configured ?? 'none'}, and the policy admits ${admitted ?? 'nothing'}AWSLogs/…`;
}

for (const keyPrefix of ['/calls', 'calls/', '/calls/']) {
  table.fault(`the key prefix is ${keyPrefix}`, () => {
    const observed = prefixes(keyPrefix);
    expect(observed).toBe('configured as calls, and the policy admits calls/AWSLogs/…');
    return observed;
  });
}

table.fault('the key prefix has 1,024 characters', () => refused(() => {
  new invocationLogging.InvocationLogStore(new Stack(new App(), 'Stack'), 'Store', { keyPrefix: 'x'.repeat(1024) });
}));

table.fault('there is no destination', () => refused(() => {
  new invocationLogging.InvocationLogStore(new Stack(new App(), 'Stack'), 'Store', { destinations: [] });
}));

table.fault('content is to be stored, and would be copied to an archive that nobody said may have it', () => refused(() => {
  const stack = new Stack(new App(), 'Stack');
  const archive = new invocationLogging.InvocationLogArchive(stack, 'Archive', {
    sources: invocationLogging.ArchivedAccounts.fromAccounts(['111122223333']),
  });
  const store = new invocationLogging.InvocationLogStore(stack, 'Store', { archive });
  new invocationLogging.InvocationLogging(stack, 'Logging', { store, textDataDeliveryEnabled: true });
}));

table.fault('every value is a token', () => {
  const stack = new Stack(new App(), 'Stack');
  const number = Token.asNumber(new CfnParameter(stack, 'Number', { type: 'Number' }).value);
  const store = new invocationLogging.InvocationLogStore(stack, 'Store', {
    destinations: [S3, CLOUDWATCH_LOGS], bucketName: Aws.STACK_NAME, keyPrefix: Aws.STACK_NAME, logGroupName: Aws.STACK_NAME,
  });
  const logging = new invocationLogging.InvocationLogging(stack, 'Logging', { store });
  new invocationLogging.InvocationLoggingDriftGuard(stack, 'Guard', {
    logging, maximumRepairs: number, repairWindow: Duration.seconds(number),
  });
  new invocationLogging.InvocationLogDeliveryAlarms(stack, 'Alarms', { logging });
  const count = Object.keys(Template.fromStack(stack).findResources('Custom::BedrockInvocationLogging')).length;
  expect(count).toBe(1);
  return 'taken';
});

for (const region of ['cn-north-1', 'us-gov-west-1']) {
  table.fault(`the Region is ${region}, of another partition`, () => {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region } });
    const store = new invocationLogging.InvocationLogStore(stack, 'Store', { destinations: [S3, CLOUDWATCH_LOGS] });
    const logging = new invocationLogging.InvocationLogging(stack, 'Logging', { store });
    new invocationLogging.InvocationLoggingDriftGuard(stack, 'Guard', { logging });
    new invocationLogging.InvocationLogDeliveryAlarms(stack, 'Alarms', { logging });
    const foreign = JSON.stringify(Template.fromStack(stack).toJSON()).match(/arn:aws:/g) ?? [];
    expect(foreign).toHaveLength(0);
    return `taken; ${foreign.length} ARNs of the partition aws`;
  });
}

table.holdsAgainstDocument();
