import { AthenaEndpoint, type AthenaAnswer } from '../../../test/support/athena-endpoint';
import type { Engine } from '../../src/engine/engine';

/** The place that the command line asks unless it is told another. */
export const PLACE = { workgroup: 'bedrock-cost-attribution', database: 'bedrock_cost_attribution' } as const;

/** What the engine calls types that Athena calls otherwise. */
const TYPES: Readonly<Partial<Record<string, string>>> = { HUGEINT: 'decimal', FLOAT: 'float' };

/** Starts an endpoint of Athena that runs its queries on the embedded engine. */
export async function serveEngine(engine: Engine): Promise<AthenaEndpoint> {
  return AthenaEndpoint.start(sql => answer(engine, sql), PLACE);
}

/** Points the SDK of this process to an endpoint, and back again. */
export function pointTo(endpoint: AthenaEndpoint): () => void {
  const variables = {
    AWS_ENDPOINT_URL_ATHENA: endpoint.url, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
  };
  const before = Object.keys(variables).map(name => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}

async function answer(engine: Engine, sql: string): Promise<AthenaAnswer> {
  const types = (await engine.rows(`DESCRIBE ${sql}`)).map(row => String(row.column_type));
  const { columns, rows } = await engine.result(sql);
  return {
    columns: columns.map((name, index) => ({ name, type: TYPES[types[index]] ?? types[index].toLowerCase() })),
    rows: rows.map(row => columns.map((name, index) => print(row[name], types[index]))),
  };
}

/** A value as Athena prints it; arrays and maps, which no report asks for, as JSON. */
function print(value: unknown, type: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return type.startsWith('TIMESTAMP') ? value.replace('T', ' ').replace('Z', '') : value;
  // of NaN and Infinity JSON would make nothing
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
