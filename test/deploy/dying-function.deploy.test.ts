import type { CfnResource, Stack } from 'aws-cdk-lib';
import type { LocalAws } from './emulator/local-aws';
import { FaultTable } from './fault-table';
import { calls, logging, outcome, THEIRS, until, useLocalAws } from './region-world';

const table = new FaultTable('A function that dies whenever it runs');
const STACK = 'Dying';
const NEVER_MS = 3_600_000;

let aws: LocalAws;

useLocalAws(started => {
  aws = started;
});

/** The logging, which CloudFormation does not wait for as long as it otherwise would. */
function build(stack: Stack): void {
  logging()(stack);
  const resource = stack.node.findChild('Logging').node.findChild('Resource').node.defaultChild as CfnResource;
  resource.addPropertyOverride('ServiceTimeout', 20);
}

/** Waits until the function has asked so often for what is configured, to which it gets no answer, and kills it. */
async function killAtLook(look: number): Promise<void> {
  await until(() => calls(aws, 'Get') === look);
  aws.killFunctions();
}

table.fault('the function is killed before it has put anything, where a foreign configuration is', async () => {
  const region = aws.bedrock.region('us-east-1');
  region.live = THEIRS;
  region.delay('Get', NEVER_MS);
  const deployment = aws.deploy(STACK, build);
  await killAtLook(1);
  await killAtLook(2);
  await until(() => calls(aws, 'Get') === 3);
  region.delay('Get', 0); // for the deletion that follows
  aws.killFunctions();
  expect(await deployment).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, build);
  expect(region.live).toEqual(THEIRS);
  expect(observed).toBe('ROLLBACK_COMPLETE; live: theirs; 0 put, 0 deleted');
  return observed;
});

table.fault('the function is killed in the middle of the put, and whenever it is run again', async () => {
  const region = aws.bedrock.region('us-east-1');
  region.delay('Put', NEVER_MS); // it takes effect, and the answer never comes
  const deployment = aws.deploy(STACK, build);
  await until(() => calls(aws, 'Put') === 1);
  region.delay('Get', NEVER_MS);
  const looks = calls(aws, 'Get');
  aws.killFunctions();
  await killAtLook(looks + 1);
  await until(() => calls(aws, 'Get') === looks + 2);
  region.delay('Get', 0); // for the deletion that follows
  aws.killFunctions();
  expect(await deployment).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, build);
  expect(observed).toBe('ROLLBACK_COMPLETE; live: none; 1 put, 1 deleted');
  return observed;
});

table.holdsAgainstDocument();
