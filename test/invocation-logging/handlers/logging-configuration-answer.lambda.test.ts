import { PutModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock';
import { createEvent, HandlerWorld, OURS, RESPONSE_URL } from './handler-world';

let world: HandlerWorld;

beforeEach(() => {
  world = new HandlerWorld();
  world.live(undefined);
  world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).resolves({});
});

afterEach(() => {
  world.restore();
});

describe('the answer to CloudFormation', () => {
  test('is sent again until it gets through', async () => {
    world.answerStatuses.push(503, new Error('socket hang up'));
    expect((await world.request(createEvent())).Status).toBe('SUCCESS');
    expect(world.sleeps).toHaveLength(2);
    expect(world.puts).toHaveLength(1);
  });

  test('fails the invocation when it never gets through, without naming the signed address', async () => {
    world.answerStatuses.push(403, 403, 403, 403, new Error(`connect to ${RESPONSE_URL} refused`));
    const error = await world.request(createEvent()).catch((reason: unknown) => reason);
    expect(String(error)).toContain('CloudFormation did not take the answer in 5 attempts');
    expect(String(error)).not.toContain('secret');
  });

  test('stays below 4,096 bytes when the configurations are as long as the service allows', async () => {
    const longest = { bucketName: 'b'.repeat(63), keyPrefix: '漢'.repeat(1024) };
    const cloudWatchConfig = { logGroupName: 'g'.repeat(512), roleArn: `arn:aws:iam::111122223333:role/${'r'.repeat(2_000)}` };
    world.live({ s3Config: longest, cloudWatchConfig: { ...cloudWatchConfig, largeDataDeliveryS3Config: longest } });
    const answer = await world.request(createEvent({ ...OURS, cloudWatchConfig }));
    expect(Buffer.byteLength(world.bodies[0])).toBeLessThan(4_096);
    expect(answer.Reason).toContain('3. Have its owner remove it');
    expect(answer.Reason).toContain('the whole text is in the log of the function');
    expect(world.logged.join('\n')).toContain('r'.repeat(2_000));
  });

  test('leaves no trace of its signed address in the log', async () => {
    await world.request(createEvent());
    expect(world.logged).toHaveLength(2);
    expect(world.logged.join('\n')).not.toContain('secret');
  });
});
