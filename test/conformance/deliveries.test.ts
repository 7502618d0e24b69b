import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { record } from '../../cli/test/helpers/world';
import { AttributionSchema } from '../../lib/schema';
import { LOGS, synthesizeCatalog } from './lake/catalog';
import { ACCOUNT, deliverBill, deliverLog, EXPORT, hourFolder, REGION } from './lake/deliver';
import { Lake } from './lake/lake';
import { World, type WorldOptions } from './lake/world';

const OPTIONS: WorldOptions = {
  schema: AttributionSchema.starter(), accounts: [ACCOUNT], regions: [REGION], firstDay: '2026-10-01', exportName: EXPORT,
};
const HOUR = { hour: '2026-10-05T10' };

/** A record of a call. */
function call(requestId: string, input = 100): string {
  return record({ requestId, input, output: 10, metadata: { team: 'payments' } });
}

/** A lake with one good file and a bill. */
async function newLake(): Promise<Lake> {
  const lake = new Lake();
  deliverLog(lake, HOUR, [call('good')]);
  await deliverBill(lake, '2026-10', [{ usd: 1 }]);
  return lake;
}

test('a truncated file fails the query with its path, and once it is out of the way both engines agree', async () => {
  const lake = await newLake();
  const key = `${hourFolder(HOUR)}/20261005T1030000000Z_truncated.json.gz`;
  const whole = gzipSync(Array.from({ length: 200 }, (_, index) => `${call(`lost-${index}`)}\n`).join(''));
  lake.put(LOGS, key, whole.subarray(0, whole.length / 2));
  lake.define(synthesizeCatalog({ ...OPTIONS, databaseName: lake.database, settlementHours: 0 }));
  await expect(lake.trino.query('SELECT count(requestid) FROM invocation_logs')).rejects.toThrow(key);

  renameSync(join(lake.bucket(LOGS), key), join(lake.bucket('quarantine'), 'truncated.json.gz'));
  const world = await World.open(lake, OPTIONS);
  expect(await world.expectSame('SELECT bedrock_request_id FROM invocations')).toEqual([{ bedrock_request_id: 'good' }]);
  world.close();
});

test('a body that looks like a record is none: who sends long bodies cannot log calls in the name of others', async () => {
  const lake = await newLake();
  lake.put(LOGS, `${hourFolder(HOUR)}/data/good_input.json.gz`, gzipSync(`${call('forged', 10 ** 9)}\n`));
  const world = await World.open(lake, OPTIONS);
  expect(await world.expectSame('SELECT bedrock_request_id FROM invocations')).toEqual([{ bedrock_request_id: 'good' }]);
  world.close();
});

test('days, accounts and Regions that are not declared are not read', async () => {
  const lake = await newLake();
  deliverLog(lake, { hour: '2026-09-30T23' }, [call('too-early')]);
  deliverLog(lake, { ...HOUR, region: 'eu-west-1' }, [call('elsewhere')]);
  deliverLog(lake, { ...HOUR, account: '999988887777' }, [call('of-others')]);
  lake.define(synthesizeCatalog({ ...OPTIONS, databaseName: lake.database, settlementHours: 0 }));
  expect(await lake.trino.rows('SELECT requestid FROM invocation_logs')).toEqual([{ requestid: 'good' }]);
});
