import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { assembleApp } from '../support/assemble-app';
import { ACCOUNT, LocalAws } from './emulator/local-aws';

const REGIONS = ['us-east-1', 'eu-west-1'] as const;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reference-app-'));

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start([...REGIONS]);
});

afterAll(async () => {
  await aws.stop();
  fs.rmSync(folder, { recursive: true });
});

test('the whole reference app is deployed, deployed again without a change, and destroyed', async () => {
  const assembly = assembleApp({ account: ACCOUNT, regions: REGIONS }, folder);
  expect(await aws.deployAssembly(assembly)).toMatchObject({ succeeded: true });
  expect((await aws.deployAssembly(assembly)).output).toContain('no changes');
  expect(await aws.destroyAssembly(assembly)).toMatchObject({ succeeded: true });
});
