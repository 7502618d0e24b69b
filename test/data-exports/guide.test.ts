import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CostAndUsageExport } from '../../lib/data-exports';

const GUIDE = fs.readFileSync(path.join(__dirname, '../../docs/cost-and-usage-export.md'), 'utf8');

/** A part of a template as it is after deployment to a Region of the standard partition, where every ARN is that of the bucket. */
function deployed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    if (typeof part !== 'object' || part === null) return part;
    if ('Ref' in part && part.Ref === 'AWS::Partition') return 'aws';
    if ('Fn::GetAtt' in part) return 'arn:aws:s3:::example-bills';
    return 'Fn::Join' in part ? (part['Fn::Join'] as [string, string[]])[1].join('') : part;
  }) as unknown;
}

test('the statement that the guide adds to the policy of a bucket is the one that is made', () => {
  const app = new App();
  const storage = new Stack(app, 'Storage', { env: { account: '444455556666', region: 'eu-central-1' } });
  const bucket = new s3.Bucket(storage, 'Bucket', { bucketName: 'example-bills' });
  new CostAndUsageExport(new Stack(app, 'Payer', { env: { account: '111122223333', region: 'us-east-1' } }), 'Bill', { bucket });
  const [{ Properties }] = Object.values(Template.fromStack(storage).findResources('AWS::S3::BucketPolicy'));
  const [, json] = /```json\n(.*?)```/s.exec(GUIDE) ?? [];
  expect(deployed(Properties.PolicyDocument.Statement)).toEqual([JSON.parse(json)]);
});

test('every property of the export that the guide has in its table of columns is there, with its default', () => {
  const rows = [...GUIDE.matchAll(/^\| `(include\w+)` \| (on|off) \|/gm)].map(([, prop, isOn]) => [prop, isOn === 'on' ? 'TRUE' : 'FALSE']);
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  new CostAndUsageExport(stack, 'Bill');
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::BCMDataExports::Export'));
  const { TIME_GRANULARITY, ...flags } = Properties.Export.DataQuery.TableConfigurations.COST_AND_USAGE_REPORT as Record<string, string>;
  expect(TIME_GRANULARITY).toBe('DAILY');
  const propOf = (flag: string): string => flag.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(Object.entries(flags).map(([flag, value]) => [propOf(flag), value])));
});
