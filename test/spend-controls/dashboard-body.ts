import Ajv2020 from 'ajv/dist/2020';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** A widget of a dashboard, as far as tests look at it. */
export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly query?: string;
    readonly region?: string;
    readonly accountId?: string;
    readonly alarms?: string[];
    readonly metrics?: unknown[][];
  };
}

/** The one dashboard of a stack, with `<LogicalId>` for what is known at deployment only. */
export function bodyOf(stack: Stack): { widgets: Widget[]; start?: string } {
  const [dashboard, ...others] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  expect(others).toEqual([]);
  return JSON.parse(textOf(dashboard.Properties.DashboardBody)) as { widgets: Widget[]; start?: string };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown] };
  if (join !== undefined && Array.isArray(join[1])) return join[1].map(textOf).join(join[0]);
  return `<${/"(?:Ref|Fn::GetAtt)":\[?"([\w:]+)"/.exec(JSON.stringify(value))![1]}>`;
}

const strings = { type: 'array', items: { type: 'string' } };

/**
 * What the documentation says of the widgets that are used here; what it does not mention is refused.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html (read 2026-11-21)
 */
const STRUCTURE = {
  type: 'object',
  required: ['widgets'],
  additionalProperties: false,
  properties: {
    start: { type: 'string', pattern: '^-P(?=.)(\\d+D)?(T(?=.)(\\d+H)?(\\d+M)?)?$' },
    widgets: { type: 'array', maxItems: 500, items: { $ref: '#/$defs/widget' } },
  },
  $defs: {
    widget: {
      type: 'object',
      required: ['type', 'x', 'y', 'width', 'height', 'properties'],
      additionalProperties: false,
      properties: {
        type: { enum: ['text', 'metric', 'log', 'alarm'] },
        x: { type: 'integer', minimum: 0, maximum: 23 },
        y: { type: 'integer', minimum: 0 },
        width: { type: 'integer', minimum: 1, maximum: 24 },
        height: { type: 'integer', minimum: 1, maximum: 1000 },
        properties: { type: 'object' },
      },
      oneOf: ['text', 'metric', 'log', 'alarm'].map(type => ({
        properties: { type: { const: type }, properties: { $ref: `#/$defs/${type}` } },
      })),
    },
    text: {
      required: ['markdown'],
      additionalProperties: false,
      properties: { markdown: { type: 'string', minLength: 1 }, background: { enum: ['solid', 'transparent'] } },
    },
    metric: {
      required: ['region', 'metrics', 'title'],
      additionalProperties: false,
      properties: {
        region: { type: 'string', minLength: 1 },
        accountId: { type: 'string', pattern: '^\\d{12}$' },
        title: { type: 'string', minLength: 1 },
        view: { enum: ['timeSeries', 'singleValue'] },
        stacked: { type: 'boolean' },
        yAxis: { type: 'object' },
        metrics: { type: 'array', minItems: 1, maxItems: 500, items: { anyOf: [{ $ref: '#/$defs/expression' }, { $ref: '#/$defs/measured' }] } },
      },
    },
    expression: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['expression', 'label'],
        additionalProperties: false,
        properties: { expression: { type: 'string' }, label: { type: 'string', minLength: 1 } },
      },
    },
    measured: {
      type: 'array',
      minItems: 3,
      prefixItems: [{ type: 'string', pattern: '^[^:]' }, { type: 'string', minLength: 1 }],
      items: {
        anyOf: [{ type: 'string', minLength: 1 }, {
          type: 'object',
          required: ['label', 'stat'],
          additionalProperties: false,
          properties: {
            label: { type: 'string', minLength: 1 },
            stat: { enum: ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'] },
            id: { type: 'string', pattern: '^[a-z][a-zA-Z0-9_]*$' },
            visible: { type: 'boolean' },
          },
        }],
      },
    },
    log: {
      required: ['query', 'region'],
      additionalProperties: false,
      properties: {
        query: { type: 'string', pattern: "^SOURCE '[^']+' \\| " },
        region: { type: 'string', minLength: 1 },
        title: { type: 'string' },
        view: { enum: ['table', 'timeSeries', 'bar', 'pie'] },
      },
    },
    alarm: {
      required: ['alarms'],
      additionalProperties: false,
      properties: {
        alarms: { ...strings, minItems: 1, maxItems: 100 },
        title: { type: 'string' },
        sortBy: { enum: ['default', 'stateUpdatedTimestamp', 'timestamp'] },
        states: strings,
      },
    },
  },
};

const isLegal = new Ajv2020({ allErrors: true, strictRequired: false, strictTypes: false, strictTuples: false }).compile(STRUCTURE);

/** What the documented structure does not allow, and where widgets are outside of the grid or on top of each other. */
export function structureProblems(body: { widgets: Widget[] }): string[] {
  const legal = isLegal(body) ? [] : (isLegal.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  const taken = new Map<string, number>();
  const places = body.widgets.flatMap(({ x, y, width, height }, index) => [
    ...x + width > 24 ? [`widget ${index} is wider than the grid`] : [],
    ...Array.from({ length: width * height }, (_, cell) => `${x + cell % width},${y + Math.floor(cell / width)}`).flatMap(cell => {
      const other = taken.get(cell);
      taken.set(cell, index);
      return other === undefined ? [] : [`widgets ${other} and ${index} overlap at ${cell}`];
    }),
  ]);
  return [...legal, ...places];
}
