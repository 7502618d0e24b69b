import type { ExecutionReference, ExecutionStatus, ExportStatus } from '@aws-sdk/client-bcm-data-exports';
import * as fc from 'fast-check';
import { type ExportHealth, judgeExport } from '../../../lib/data-exports/handlers/check-export.lambda-shared';

const ARN = 'arn:aws:bcm-data-exports:us-east-1:111122223333:export/bill-1a2b3c4d';
const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3600;

/** So many hours ago. */
const ago = (hours: number): Date => new Date(NOW - hours * HOUR * 1000);

const HEALTHY: ExportStatus = { StatusCode: 'HEALTHY', CreatedAt: ago(1000) };

const run = (status: ExecutionStatus): ExecutionReference => ({ ExecutionId: 'id', ExecutionStatus: status });
const delivered = (hours: number): ExecutionReference => run({ StatusCode: 'DELIVERY_SUCCESS', CreatedAt: ago(hours + 1), CompletedAt: ago(hours) });

function judge(executions: ExecutionReference[], status: ExportStatus | undefined = HEALTHY): ExportHealth {
  return judgeExport('bill', ARN, status, executions, NOW);
}

test('a healthy export with a delivery is as old as that delivery', () => {
  expect(judge([delivered(5)])).toEqual({
    exportArn: ARN, healthy: true, lastDelivery: '2026-11-21T07:00:00.000Z', secondsSinceDelivery: 5 * HOUR,
  });
});

test('until the first delivery the age counts from the creation', () => {
  const health = judge([run({ StatusCode: 'QUERY_IN_PROCESS', CreatedAt: ago(1) })], { StatusCode: 'HEALTHY', CreatedAt: ago(20) });
  expect(health).toEqual({ exportArn: ARN, healthy: true, secondsSinceDelivery: 20 * HOUR });
});

test('fails when neither a delivery nor the creation is known', () => {
  expect(() => judge([run({ StatusCode: 'DELIVERY_SUCCESS' })], { StatusCode: 'HEALTHY' })).toThrow(
    'Data Exports says neither when the export "bill" was delivered nor when it was made');
});

test('the newest delivery counts, whatever the order', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1 }), hours => {
    expect(judge(hours.map(delivered)).secondsSinceDelivery).toBe(Math.min(...hours) * HOUR);
  }));
});

test.each(['INITIATION_IN_PROCESS', 'QUERY_QUEUED', 'QUERY_IN_PROCESS', 'QUERY_FAILURE', 'DELIVERY_IN_PROCESS', 'DELIVERY_FAILURE'] as const)(
  '%s is no delivery', StatusCode => {
    expect(judge([run({ StatusCode, CompletedAt: ago(1) }), delivered(30)]).secondsSinceDelivery).toBe(30 * HOUR);
  });

test.each([
  ['when it was updated last', { LastUpdatedAt: ago(3), CreatedAt: ago(4) }, 3],
  ['when it began', { CreatedAt: ago(4) }, 4],
])('a delivery that does not say when it was complete counts from %s', (_case, times, hours) => {
  expect(judge([run({ StatusCode: 'DELIVERY_SUCCESS', ...times })]).secondsSinceDelivery).toBe(hours * HOUR);
});

test('a delivery in the future of this clock is of now', () => {
  expect(judge([delivered(-1)]).secondsSinceDelivery).toBe(0);
});

test.each([
  ['INSUFFICIENT_PERMISSION', 'may not write to the bucket'],
  ['BILL_OWNER_CHANGED', 'a new export may be needed'],
  ['INTERNAL_FAILURE', 'tries again by itself'],
  ['NEW_REASON', 'look at the export in the console'],
  ['toString', 'look at the export in the console'],
])('an export that is unhealthy because of %s says what that means', (reason, meaning) => {
  const status = { ...HEALTHY, StatusCode: 'UNHEALTHY', StatusReason: reason } as ExportStatus;
  expect(judge([delivered(5)], status)).toMatchObject({ healthy: false, reason: expect.stringMatching(`^${reason}: .*${meaning}`) });
});

test.each([
  ['unhealthy without a reason', { ...HEALTHY, StatusCode: 'UNHEALTHY' }],
  ['of a status that is new', { ...HEALTHY, StatusCode: 'SLEEPING' }],
  ['of no status', undefined],
])('an export that is %s is not healthy', (_case, status) => {
  expect(judge([delivered(5)], status as ExportStatus | undefined ?? {})).toMatchObject({ healthy: false, reason: 'Data Exports gives no reason' });
});

describe('attempts that failed', () => {
  const failed = (hours: number, status: 'QUERY_FAILURE' | 'DELIVERY_FAILURE' = 'DELIVERY_FAILURE'): ExecutionReference =>
    run({ StatusCode: status, StatusReason: 'INSUFFICIENT_PERMISSION', CompletedAt: ago(hours) });

  test('the newest since the last delivery is told', () => {
    expect(judge([failed(2), delivered(5), failed(1, 'QUERY_FAILURE'), failed(3)]).failure).toEqual({
      at: '2026-11-21T11:00:00.000Z', status: 'QUERY_FAILURE', reason: expect.stringContaining('INSUFFICIENT_PERMISSION: '),
    });
  });

  test('those before it are over', () => {
    expect(judge([failed(6), delivered(5)]).failure).toBeUndefined();
  });

  test('they are told of an export that has delivered nothing yet', () => {
    expect(judge([failed(6)]).failure).toMatchObject({ status: 'DELIVERY_FAILURE' });
  });

  test('one without a reason says so', () => {
    expect(judge([run({ StatusCode: 'QUERY_FAILURE', CompletedAt: ago(1) })]).failure).toMatchObject({ reason: 'Data Exports gives no reason' });
  });
});
