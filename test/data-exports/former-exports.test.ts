import { App, CfnParameter, Fn, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  CostAndUsageExport, type CostAndUsageExportAttributes, type CostAndUsageExportProps, type ICostAndUsageExport, TimeGranularity,
} from '../../lib/data-exports';
import { contentHash } from '../../lib/data-exports/export-query';
import { makeCatalog } from '../support/make-catalog';

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

interface Deployed {
  readonly template: Template;
  readonly name: string;
  readonly exportId: string;
  readonly bucketId: string;
  readonly locations: string[];
}

/** An app as it is deployed: the export, and the table over it. */
function deploy(props: CostAndUsageExportProps = {}): Deployed {
  const stack = makeStack();
  makeCatalog(stack, { bill: new CostAndUsageExport(stack, 'Bill', { bucketName: 'example-bills', ...props }) });
  const template = Template.fromStack(stack);
  const [[exportId, { Properties }]] = Object.entries(template.findResources('AWS::BCMDataExports::Export'));
  const [bucketId] = Object.keys(template.findResources('AWS::S3::Bucket'));
  const [table] = Object.values(template.findResources('AWS::Glue::Table', { Properties: { TableInput: { Name: 'cost_and_usage' } } }));
  const parameters = table.Properties.TableInput.Parameters as Record<string, unknown>;
  const locationTemplate = JSON.stringify(parameters['storage.location.template']);
  return {
    template,
    name: Properties.Export.Name,
    exportId,
    bucketId,
    locations: String(parameters['projection.export_name.values']).split(',')
      .map(name => /\/cur2\/.*\/data\//.exec(locationTemplate.replace('${export_name}', name))?.[0] ?? ''),
  };
}

describe.each<[string, CostAndUsageExportProps]>([
  ['caller identity is switched off', { includeIamPrincipalData: false }],
  ['resources are switched off', { includeResources: false }],
  ['split cost allocation data is switched on', { includeSplitCostAllocationData: true }],
  ['capacity reservation data is switched on', { includeCapacityReservationData: true }],
  ['manual discount compatibility is switched on', { includeManualDiscountCompatibility: true }],
  ['time is cut by the hour', { timeGranularity: TimeGranularity.HOURLY }],
])('when %s on a deployed export', (_, change) => {
  const before = deploy();
  const after = deploy({ ...change, formerExportNames: [before.name] });

  test('the same resource gets another name, so that CloudFormation can make the new export beside the old one', () => {
    expect(after.exportId).toBe(before.exportId);
    expect(after.name).not.toBe(before.name);
  });

  test('the bucket with the months so far stays as it is', () => {
    const bucketOf = ({ template, bucketId }: Deployed): unknown => template.toJSON().Resources[bucketId];
    expect(after.bucketId).toBe(before.bucketId);
    expect(bucketOf(after)).toEqual(bucketOf(before));
  });

  test('the table reads the new folder and the old one', () => {
    expect(before.locations).toEqual([`/cur2/${before.name}/data/`]);
    expect(after.locations).toEqual([`/cur2/${after.name}/data/`, `/cur2/${before.name}/data/`]);
  });
});

test.each([RemovalPolicy.RETAIN, RemovalPolicy.DESTROY])('nothing in the stack deletes what was delivered, with the removal policy %s', (removalPolicy) => {
  const { template } = deploy({ removalPolicy });
  template.resourceCountIs('AWS::Lambda::Function', 0);
  expect(Object.keys(template.findResources('Custom::S3AutoDeleteObjects'))).toEqual([]);
  expect(JSON.stringify(template.findResources('AWS::S3::Bucket'))).not.toMatch(/Expiration/);
});

test('every choice of settings that replace has a hash of its own, which nothing else changes', () => {
  const hashes = [TimeGranularity.DAILY, TimeGranularity.HOURLY].flatMap(timeGranularity => Array.from({ length: 32 }, (_, bits) => {
    const isOn = (bit: number): boolean => (bits >> bit) % 2 === 1;
    const content = {
      timeGranularity,
      flags: {
        INCLUDE_CAPACITY_RESERVATION_DATA: isOn(0),
        INCLUDE_IAM_PRINCIPAL_DATA: isOn(1),
        INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: isOn(2),
        INCLUDE_RESOURCES: isOn(3),
        INCLUDE_SPLIT_COST_ALLOCATION_DATA: isOn(4),
      },
    };
    const hash = contentHash({ ...content, additionalColumns: {} });
    expect(contentHash({ ...content, additionalColumns: { line_item_new: 'string' } })).toBe(hash);
    return hash;
  }));
  expect(new Set(hashes).size).toBe(64);
});

describe('the names of an export', () => {
  test('are its own alone when it took nobody\'s place', () => {
    const made = new CostAndUsageExport(makeStack(), 'Export');
    expect(made.exportNames).toEqual([made.exportName]);
  });

  test('are its own and behind it the former ones in their order', () => {
    const made = new CostAndUsageExport(makeStack(), 'Export', { formerExportNames: ['newer-11111111', 'older-22222222'] });
    expect(made.exportNames).toEqual([made.exportName, 'newer-11111111', 'older-22222222']);
  });

  test('do not change its hash', () => {
    expect(deploy({ formerExportNames: ['older'] }).name).toBe(deploy().name);
  });

  test('pass as tokens, one by one and as a list', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Former', { type: 'CommaDelimitedList' });
    const token = Lazy.string({ produce: () => 'older-22222222' });
    const one = new CostAndUsageExport(stack, 'One', { formerExportNames: [token] });
    const list = new CostAndUsageExport(stack, 'List', { formerExportNames: parameter.valueAsList });
    expect(stack.resolve(one.exportNames)).toEqual([one.exportName, 'older-22222222']);
    expect(stack.resolve(Fn.select(1, list.exportNames))).toEqual({
      'Fn::Select': [1, { 'Fn::Split': [',', { 'Fn::Join': [',', [list.exportName, { 'Fn::Join': [',', { Ref: 'Former' }] }]] }] }],
    });
  });
});

describe('validation', () => {
  const make = (formerExportNames: string[], props: CostAndUsageExportProps = {}): CostAndUsageExport => (
    new CostAndUsageExport(makeStack(), 'Export', { ...props, formerExportNames })
  );
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `former-${index}`);

  test.each(['', 'a,b', 'my export', 'a/b', 'é', 'x'.repeat(129)])('fails with the former name %j', (name) => {
    expect(() => make([name])).toThrow(/formerExportNames has .*: use the full name with its hash, 1 to 128 letters/);
  });

  test.each([1, 128])('a former name of %d characters is accepted', (length) => {
    expect(make(['x'.repeat(length)]).exportNames[1]).toHaveLength(length);
  });

  test('fails with a name that stands there twice', () => {
    expect(() => make(['bill', 'other', 'bill', 'bill'])).toThrow(/has 1 problem:\n.*"bill" more than once: name each export once/);
  });

  test('fails with the own name, which an export that came back to earlier settings has', () => {
    const own = deploy().name;
    expect(() => make(['other', own])).toThrow(new RegExp(`"${own}", which is the export's own name: if it came back .*give it another exportName`));
    expect(make(['other', own], { exportName: 'bill' }).exportNames).toContain(own);
  });

  test('24 former names are accepted, and fails with one more', () => {
    expect(make(names(24)).exportNames).toHaveLength(25);
    expect(() => make(names(25))).toThrow(/formerExportNames has 25 names: use at most 24/);
  });

  test('fails once with all problems', () => {
    expect(() => make(['!', '!', deploy().name, ...names(24)], { prefix: '/' })).toThrow(/6 problems/);
  });
});

describe('an import', () => {
  function bringIn(attributes: Partial<CostAndUsageExportAttributes>, stack = makeStack()): ICostAndUsageExport {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'example-bills');
    return CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Import', { exportName: 'bill', bucket, prefix: 'cur2', ...attributes });
  }

  test('has its name and the former ones', () => {
    expect(bringIn({}).exportNames).toEqual(['bill']);
    expect(bringIn({ formerExportNames: ['older'] }).exportNames).toEqual(['bill', 'older']);
  });

  test('passes tokens through', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Parameter');
    const list = new CfnParameter(stack, 'List', { type: 'CommaDelimitedList' });
    const later = parameter.valueAsString;
    const imported = bringIn({ exportName: later, prefix: later, formerExportNames: list.valueAsList }, stack);
    expect(stack.resolve(imported.exportName)).toEqual({ Ref: 'Parameter' });
    expect(stack.resolve(imported.dataLocation))
      .toEqual({ 'Fn::Join': ['', ['s3://example-bills/', { Ref: 'Parameter' }, '/', { Ref: 'Parameter' }, '/data/']] });
  });

  test.each<[RegExp, Partial<CostAndUsageExportAttributes>]>([
    [/exportName is "my bill": use the full name, 1 to 128/, { exportName: 'my bill' }],
    [/exportName is "x{129}"/, { exportName: 'x'.repeat(129) }],
    [/prefix is "cur2\/": .*no slash at either end/, { prefix: 'cur2/' }],
    [/formerExportNames has "bill", which is the export's own name/, { formerExportNames: ['bill'] }],
    [/4 problems/, { exportName: '!', prefix: '/', formerExportNames: ['!?'], additionalColumns: { A: 'string' } }],
  ])('fails with %s', (message, attributes) => {
    expect(() => bringIn(attributes)).toThrow(message);
  });
});
