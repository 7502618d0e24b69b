import { Function } from 'aws-cdk-lib/aws-lambda';
import { invocationLogging } from '../../lib';
import { invalid, LOST_CONNECTION_AFTER, permissionsForBucket, permissionsForLogGroup, THROTTLED } from '../support/bedrock-logging-endpoint';
import type { LocalAws } from './emulator/local-aws';
import { FaultTable } from './fault-table';
import { type Build, calls, logging, outcome, until, useLocalAws, whose } from './region-world';

const { CLOUDWATCH_LOGS } = invocationLogging.InvocationLogDestination;
const table = new FaultTable('A service that refuses, and a function that dies');
const STACK = 'Refused';

let aws: LocalAws;

useLocalAws(started => {
  aws = started;
});

table.fault('the service refuses the bucket five times, as while a policy is on its way', async () => {
  aws.bedrock.region('us-east-1').fail('Put', permissionsForBucket('our-bucket'), 5);
  expect(await aws.deploy(STACK, logging())).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, logging());
  expect(observed).toBe('CREATE_COMPLETE; live: ours; 6 put, 0 deleted');
  return observed;
});

table.fault('the service throttles', async () => {
  const region = aws.bedrock.region('us-east-1');
  region.fail('Get', THROTTLED, 4);
  region.fail('Put', THROTTLED, 4);
  expect(await aws.deploy(STACK, logging())).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, logging());
  expect(observed).toBe('CREATE_COMPLETE; live: ours; 5 put, 0 deleted');
  expect(whose(aws)).toBe('none');
  return observed;
});

table.fault('the service refuses the log group for ever', async () => {
  const build: Build = logging({}, { destinations: [CLOUDWATCH_LOGS] });
  aws.bedrock.region('us-east-1').fail('Put', permissionsForLogGroup('logs', 'arn:aws:iam::111122223333:role/logs'), Infinity);
  expect(await aws.deploy(STACK, build)).toMatchObject({ succeeded: false });
  const reason = (await aws.reasons(STACK)).find(text => text.includes('gave up after')) ?? '';
  expect(reason).toMatch(/The log group \S+ exists\. The service says the same when the log group does not exist, when its KMS key refuses/);
  const status = await aws.stackStatus(STACK);
  const whoseWas = whose(aws);
  expect(whoseWas).toBe('none');
  aws.bedrock.region('us-east-1').reset();
  await aws.destroy(STACK, build);
  return `${status}; live: ${whoseWas}; the error says that the log group exists, and what else the refusal may mean`;
});

table.fault('the service refuses for good, without a reason that passes', async () => {
  aws.bedrock.region('us-east-1').fail('Put', invalid('The bucket name is not valid.'), Infinity);
  expect(await aws.deploy(STACK, logging())).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, logging());
  expect(observed).toBe('ROLLBACK_COMPLETE; live: none; 1 put, 0 deleted');
  return observed;
});

table.fault('the connection breaks after the service took the configuration', async () => {
  aws.bedrock.region('us-east-1').fail('Put', LOST_CONNECTION_AFTER, 1);
  expect(await aws.deploy(STACK, logging())).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, logging());
  expect(observed).toMatch(/^CREATE_COMPLETE; live: ours; /);
  return observed;
});

table.fault('the service refuses the update, which is rolled back', async () => {
  await aws.deploy(STACK, logging({}, { keyPrefix: 'before' }));
  aws.bedrock.region('us-east-1').fail('Put', invalid('The key prefix is not valid.'), 1);
  expect(await aws.deploy(STACK, logging({}, { keyPrefix: 'after' }))).toMatchObject({ succeeded: false });
  expect(aws.bedrock.region('us-east-1').live).toMatchObject({ s3Config: { keyPrefix: 'before' } });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, logging({}, { keyPrefix: 'before' }));
  expect(observed).toBe('UPDATE_ROLLBACK_COMPLETE; live: ours; 2 put, 0 deleted');
  return observed;
});

table.fault('the function is killed in the middle of the put, and Lambda runs the request again', async () => {
  const region = aws.bedrock.region('us-east-1');
  region.delay('Put', 3_600_000); // it takes effect, and the answer never comes
  const deployment = aws.deploy(STACK, logging());
  await until(() => calls(aws, 'Put') > 0);
  aws.killFunctions();
  expect(await deployment).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, logging());
  expect(whose(aws)).toBe('none');
  expect(observed).toBe('CREATE_COMPLETE; live: ours; 1 put, 0 deleted');
  return observed;
});

table.fault('Bedrock has no endpoint in the Region', async () => {
  const build: Build = stack => {
    logging()(stack);
    const functions = stack.node.findAll().filter(construct => construct instanceof Function);
    for (const handler of functions) handler.addEnvironment('AWS_ENDPOINT_URL_BEDROCK', 'http://bedrock.nowhere.invalid');
  };
  expect(await aws.deploy(STACK, build)).toMatchObject({ succeeded: false });
  const reason = (await aws.reasons(STACK)).find(text => text.includes('no endpoint')) ?? '';
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, build);
  expect(observed).toBe('ROLLBACK_COMPLETE; live: none; 0 put, 0 deleted');
  return `${observed}; the error says: ${/Amazon Bedrock has no endpoint[^;]*; [^.]*/.exec(reason)?.[0]}`;
});

table.holdsAgainstDocument();
