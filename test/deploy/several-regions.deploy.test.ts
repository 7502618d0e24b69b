import type { App } from 'aws-cdk-lib';
import { invocationLogging } from '../../lib';
import { ACCOUNT, LocalAws } from './emulator/local-aws';
import { FaultTable } from './fault-table';
import { THEIRS, whose } from './region-world';

const table = new FaultTable('One declaration for several Regions');
const HERE = 'us-east-1';
const THERE = 'eu-west-1';

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start([HERE, THERE]);
});

afterAll(async () => {
  await aws.stop();
});

beforeEach(() => {
  for (const region of [HERE, THERE]) aws.bedrock.region(region).reset();
});

/** The logging of both Regions. */
const everywhere = (app: App): void => {
  invocationLogging.InvocationLogging.inRegions(app, 'Logging', { regions: [HERE, THERE], account: ACCOUNT });
};

const destroyEverywhere = (): Promise<unknown> => aws.destroyStacks([`Logging-${HERE}`, `Logging-${THERE}`], everywhere);

/** State of the stack of each Region, and whose configuration is live there. */
async function outcomes(): Promise<string> {
  const states = [HERE, THERE].map(async region =>
    `${region}: ${await aws.stackStatus(`Logging-${region}`, region) ?? 'no stack'}, live: ${whose(aws, region)}`);
  return (await Promise.all(states)).join('; ');
}

table.fault('one of two Regions is destroyed', async () => {
  expect(await aws.deployApp(everywhere)).toMatchObject({ succeeded: true });
  expect(aws.bedrock.region(HERE).live).not.toEqual(aws.bedrock.region(THERE).live);
  expect(await aws.destroyStacks([`Logging-${THERE}`], everywhere)).toMatchObject({ succeeded: true });
  const observed = await outcomes();
  await destroyEverywhere();
  expect(observed).toBe('us-east-1: CREATE_COMPLETE, live: ours; eu-west-1: no stack, live: none');
  return observed;
});

table.fault('a foreign configuration is there in one of two Regions', async () => {
  aws.bedrock.region(THERE).live = THEIRS;
  expect(await aws.deployApp(everywhere)).toMatchObject({ succeeded: false });
  const observed = await outcomes();
  await destroyEverywhere();
  expect(aws.bedrock.region(THERE).live).toEqual(THEIRS);
  expect(observed).toBe('us-east-1: CREATE_COMPLETE, live: ours; eu-west-1: ROLLBACK_COMPLETE, live: theirs');
  return observed;
});

table.holdsAgainstDocument();
