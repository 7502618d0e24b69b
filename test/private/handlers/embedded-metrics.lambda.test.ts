import { embeddedMetrics } from '../../../lib/private/handlers/embedded-metrics.lambda-shared';

test('metrics, dimensions and values stand where the format wants them', () => {
  expect(embeddedMetrics({ StackName: 'Payer', TagKey: 'team' }, { Pending: { value: 1, unit: 'Count' }, Age: { value: 60, unit: 'Seconds' } }, 1_700_000_000_000)).toEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [{
        Namespace: 'BedrockCostAttribution',
        Dimensions: [['StackName', 'TagKey']],
        Metrics: [{ Name: 'Pending', Unit: 'Count' }, { Name: 'Age', Unit: 'Seconds' }],
      }],
    },
    StackName: 'Payer',
    TagKey: 'team',
    Pending: 1,
    Age: 60,
  });
});
