import { maskAssetHashes } from './support/mask-asset-hashes';
import { synthesizeApp } from './support/synthesize-app';

const files = synthesizeApp();
const templates = [...files].filter(([name]) => name.endsWith('.template.json'));

test('the reference app has stacks for payer, spend and ledger, and per account and Region for workloads, their limits and replication', () => {
  expect(templates.map(([name]) => name)).toEqual([
    'BedrockCostLedger.template.json',
    'BedrockCostLogReplication-123456789012.template.json',
    'BedrockCostLogReplication-777788889999.template.json',
    'BedrockCostPayer.template.json',
    'BedrockCostServiceLimits-777788889999-us-east-1.template.json',
    'BedrockCostSpend.template.json',
    'BedrockCostWorkload-123456789012-eu-west-1.template.json',
    'BedrockCostWorkload-123456789012-us-east-1.template.json',
    'BedrockCostWorkload-777788889999-eu-west-1.template.json',
    'BedrockCostWorkload-777788889999-us-east-1.template.json',
  ]);
});

test.each(templates)('%s is as it was agreed on', (_, template) => {
  expect(JSON.parse(maskAssetHashes(template))).toMatchSnapshot();
});

test('AwsSolutions ran and found nothing', () => {
  expect(JSON.parse(files.get('policy-validation-report.json')!)).toMatchObject({ pluginReports: [] });
});

test('nothing draws a warning', () => {
  const warned = [...files].filter(([, text]) => /"aws:cdk:(warning|error)"/.test(text)).map(([name]) => name);
  expect(warned).toEqual([]);
});
