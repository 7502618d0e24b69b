import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CostAndUsageExport, type CostAndUsageExportProps, type ICostAndUsageExport } from '../../lib/data-exports';
import { isAthenaType } from '../../lib/data-exports/athena-type';

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

function synthesize(props: CostAndUsageExportProps): { name: string; query: string } {
  const stack = makeStack();
  new CostAndUsageExport(stack, 'Export', props);
  const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::BCMDataExports::Export'));
  const { Name, DataQuery } = resource.Properties.Export;
  return { name: Name, query: DataQuery.QueryStatement };
}

const withColumns = (additionalColumns: Record<string, string>, flags: CostAndUsageExportProps = {}): { name: string; query: string } => (
  synthesize({ ...flags, additionalColumns })
);

/** Names of 255 characters, as many as needed. */
function longColumns(count: number, lastLength = 255): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => (
    [`c${index}_`.padEnd(index === count - 1 ? lastLength : 255, 'x'), 'string']
  )));
}

describe('columns that AWS has added', () => {
  test('are selected behind those of this release', () => {
    expect(withColumns({ line_item_new: 'string', product_new: 'double' }).query)
      .toMatch(/, tags, line_item_new, product_new FROM COST_AND_USAGE_REPORT$/);
  });

  test('leave the name as it is, because a query is changed in place', () => {
    expect(withColumns({ line_item_new: 'string' }).name).toBe(synthesize({}).name);
  });

  test('are exposed with their types, and changing the given map later changes nothing', () => {
    const given: Record<string, string> = { line_item_new: 'string' };
    const made = new CostAndUsageExport(makeStack(), 'Export', { additionalColumns: given });
    given.line_item_newer = 'string';
    expect(made.additionalColumns).toEqual({ line_item_new: 'string' });
  });

  test('pass as tokens, name and type', () => {
    const later = (value: string): string => Lazy.string({ produce: () => value });
    expect(withColumns({ [later('line_item_new')]: later('string') }).query).toMatch(/, tags, line_item_new FROM/);
  });
});

describe('validation', () => {
  test.each(['', 'Line_Item', '1st', 'a-b', 'a b', 'a,b', 'a.b', '"a"', 'x'.repeat(256), 'from', 'select'])('fails with the name %j', (name) => {
    expect(() => withColumns({ [name]: 'string' })).toThrow(/additionalColumns has ".*": use the name of a column, up to 255 lower-case/);
  });

  test.each(['a', '_a1', 'x'.repeat(255)])('the name %j is accepted', (name) => {
    expect(withColumns({ [name]: 'string' }).query).toContain(`, ${name} FROM`);
  });

  test.each(['export_name', 'billing_period'])('fails with %s, which is a partition of the table', (name) => {
    expect(() => withColumns({ [name]: 'string' })).toThrow(/leave it out, the table has a partition of that name/);
  });

  test('fails with a column that is exported already', () => {
    expect(() => withColumns({ line_item_iam_principal: 'string' })).toThrow(/"line_item_iam_principal": leave it out, it is exported already/);
  });

  test.each<[string, CostAndUsageExportProps, RegExp]>([
    ['line_item_iam_principal', { includeIamPrincipalData: false }, /includeIamPrincipalData: true only/],
    ['line_item_resource_id', { includeResources: false }, /includeResources: true only/],
    ['split_line_item_split_cost', {}, /includeSplitCostAllocationData: true only/],
    ['capacity_reservation_capacity_reservation_arn', {}, /includeCapacityReservationData: true only/],
    ['discount', { includeManualDiscountCompatibility: true }, /includeManualDiscountCompatibility: false only/],
  ])('fails with %s, which a flag forbids, and names the property', (name, flags, message) => {
    expect(() => withColumns({ [name]: 'string' }, flags)).toThrow(message);
  });

  test.each(['', 'text', 'String', 'VARCHAR', 'map<string>', 'decimal(39,2)', 'string; drop'])('fails with the type %j', (type) => {
    expect(() => withColumns({ line_item_new: type })).toThrow(/additionalColumns gives "line_item_new" the type .*: use a type of Athena tables/);
  });

  test('a query of 36,000 characters is accepted, and fails with one more', () => {
    const free = 36_000 - synthesize({}).query.length;
    // each name takes a comma and a blank beside its letters
    const count = Math.ceil(free / 257);
    const last = free - (count - 1) * 257 - 2;
    expect(withColumns(longColumns(count, last)).query).toHaveLength(36_000);
    expect(() => withColumns(longColumns(count, last + 1))).toThrow(/the query has 36001 characters .*: name fewer of them, AWS takes at most 36000/);
  });

  test('fails once with the problems of all columns and of everything else', () => {
    expect(() => withColumns({ A: 'text', tags: 'string' }, { exportName: '!' })).toThrow(/4 problems/);
  });
});

describe('of an imported export', () => {
  function bringIn(additionalColumns: Record<string, string>): ICostAndUsageExport {
    const stack = makeStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'example-bills');
    return CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Import', { exportName: 'bill', bucket, prefix: 'cur2', additionalColumns });
  }

  test('they are known for the table', () => {
    expect(bringIn({ line_item_new: 'string' }).additionalColumns).toEqual({ line_item_new: 'string' });
  });

  test.each(['tags', 'split_line_item_split_cost'])('fails with %s, which the table has whatever the flags', (name) => {
    expect(() => bringIn({ [name]: 'string' })).toThrow(/leave it out, the table has it already/);
  });

  test('fails with a type that is none', () => {
    expect(() => bringIn({ line_item_new: 'text' })).toThrow(/the type "text"/);
  });
});

describe('a type of Athena', () => {
  test.each([
    'boolean', 'tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'string', 'binary', 'date', 'timestamp', 'char(1)', 'char(255)',
    'varchar(65535)', 'decimal(1)', 'decimal(38,38)', 'decimal(20,0)', 'array<string>', 'array<array<int>>', 'map<string,double>',
    'map<decimal(3,2),map<string,array<int>>>', 'struct<a:string>', 'struct<a:int,b_2:map<string,decimal(3,2)>>',
  ])('is %s', (type) => { expect(isAthenaType(type)).toBe(true); });

  test.each([
    'integer', 'varchar', 'char(0)', 'char(256)', 'varchar(65536)', 'varchar(5,2)', 'decimal', 'decimal(0)', 'decimal(39)', 'decimal(5,6)', 'array<>',
    'array<text>', 'array<int,int>', 'map<int>', 'map<array<int>,int>', 'map<int,int,int>', 'struct<>', 'struct<int>', 'struct<A:int>',
    'struct<a:text>', 'array<int', 'map<string, double>', ' int', 'int ',
  ])('is not %s', (type) => { expect(isAthenaType(type)).toBe(false); });
});
