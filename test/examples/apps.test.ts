import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');
const folders = fs.readdirSync(EXAMPLES, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name);

/** Synthesizes an example as the CDK does, by the command of its cdk.json and without credentials: the text of every file by its name. */
function synthesize(folder: string): Map<string, string> {
  const cwd = path.join(EXAMPLES, folder);
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'example-'));
  try {
    const { app } = JSON.parse(fs.readFileSync(path.join(cwd, 'cdk.json'), 'utf8')) as { app: string };
    const { PATH = '', HOME = '' } = process.env;
    const { status, stderr } = spawnSync(app, { cwd, env: { PATH, HOME, CDK_OUTDIR: outdir }, encoding: 'utf8', shell: true });
    if (status !== 0) throw new Error(`synthesis ended with ${status}: ${stderr}`);
    return new Map(fs.readdirSync(outdir).map(name => [name, fs.readFileSync(path.join(outdir, name), 'utf8')]));
  } finally {
    fs.rmSync(outdir, { recursive: true });
  }
}

test('there is an example for each of the scenarios', () => {
  expect(folders).toEqual(['application-roles', 'federated-users', 'llm-gateway', 'users-and-api-keys']);
});

describe.each(folders)('%s', folder => {
  const files = synthesize(folder);

  test('makes one stack', () => {
    expect([...files.keys()].filter(name => name.endsWith('.template.json'))).toHaveLength(1);
  });

  test('draws no warning', () => {
    expect([...files].filter(([, text]) => /"aws:cdk:(warning|error)"/.test(text))).toEqual([]);
  });

  test('has a guide page', () => {
    expect(fs.existsSync(path.join(EXAMPLES, '..', 'docs', 'scenarios', `${folder}.md`))).toBe(true);
  });

  test('has files of less than 80 lines', () => {
    const sources = fs.readdirSync(path.join(EXAMPLES, folder)).filter(name => name.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(1);
    expect(sources.filter(name => fs.readFileSync(path.join(EXAMPLES, folder, name), 'utf8').split('\n').length > 80)).toEqual([]);
  });
});
