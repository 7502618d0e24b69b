import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';
import { AttributionRequirement } from '../../lib/access';
import { resolveControls } from '../../lib/access/resolve-controls';
import { AttributionSchema } from '../../lib/schema';

const ROOT = path.join(__dirname, '..', '..');

/** One shows a test of a stack of the reader's, the other a block that goes on from the one before. */
const NOT_ALONE = ['docs/snapshot-testing.md', 'docs/log-archive.md'];
const PAGES = ['README.md', 'runtime/README.md', ...fs.readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map(name => path.join('docs', name))]
  .filter(page => page.endsWith('.md') && !NOT_ALONE.includes(page));
const GUIDES = PAGES.filter(page => page === 'docs/access.md' || page.startsWith('docs/scenarios/'));

/** The TypeScript of a page, block by block. */
function blocksOf(page: string): string[] {
  const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);
}

/** The controls that a page lists, each with whether it is on for each of the requirements. */
function controlsOf(page: string): Record<string, string[]> {
  const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
  return Object.fromEntries([...text.matchAll(/^\| `(deny\w+)` \|.*?\| (yes|no) \| (yes|no) \| (yes|no) \|$/gm)].map(([, control, ...defaults]) => [control, defaults]));
}

const RUNTIME = 'bedrock-cost-attribution-runtime';

/** A block as a module, if it is not one already: what it imports, and the rest as the constructor of a stack, or as what a client runs. */
function asModule(block: string): string {
  if (/^export /m.test(block)) return block;
  const isOutside = (line: string): boolean => /^(import|declare) /.test(line);
  const lines = block.split('\n');
  if (block.includes(RUNTIME)) {
    return [...lines.filter(isOutside), 'export async function enclosing() {', ...lines.filter(line => !isOutside(line)), '}'].join('\n');
  }
  return [
    ...lines.filter(isOutside),
    `import { App as EnclosingApp, Stack as EnclosingStack } from 'aws-cdk-lib';`,
    'export class Enclosing extends EnclosingStack { constructor(app: EnclosingApp) { super(app);',
    ...lines.filter(line => !isOutside(line)),
    '} }',
  ].join('\n');
}

/** What the compiler says of modules that import the package by its name. */
function diagnosticsOf(modules: Map<string, string>): string[] {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), file => ts.sys.readFile(file)) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson({
    ...config.compilerOptions,
    noUnusedLocals: false,
    paths: { 'bedrock-cost-attribution': ['./lib/index.ts'], [RUNTIME]: ['./runtime/src/index.ts'], [`${RUNTIME}/*`]: ['./runtime/src/*/index.ts'] },
  }, ROOT);
  const host = ts.createCompilerHost(options);
  const fromDisk = { ...host };
  host.fileExists = file => modules.has(file) || fromDisk.fileExists(file);
  host.readFile = file => modules.get(file) ?? fromDisk.readFile(file);
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const text = modules.get(file);
    return text === undefined
      ? fromDisk.getSourceFile(file, languageVersion, ...rest)
      : ts.createSourceFile(file, text, languageVersion, true);
  };
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules.keys()].flatMap(file => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .map(({ messageText }) => `${path.basename(file)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
}

const modules = new Map(PAGES.flatMap(page => blocksOf(page).map((block, index) => (
  [path.join(ROOT, `${page.replaceAll('/', '-')}-${index + 1}.ts`), asModule(block)] as const
))));

const wrong = path.join(ROOT, 'wrong.ts');
const found = diagnosticsOf(new Map([
  ...modules, [wrong, asModule("import { access } from 'bedrock-cost-attribution';\naccess.InvocationTarget.everything();\n")],
]));

test('every guide to access and its scenarios shows code', () => {
  expect(GUIDES).toHaveLength(5);
  expect(GUIDES.filter(page => blocksOf(page).length === 0)).toEqual([]);
});

test('every link of these guides leads somewhere', () => {
  const links = GUIDES.flatMap(page => [...fs.readFileSync(path.join(ROOT, page), 'utf8').matchAll(/\]\((?!https:|#)([^)#]+)/g)]
    .map(([, target]) => path.join(path.dirname(page), target)));
  expect(links.filter(target => !fs.existsSync(path.join(ROOT, target)))).toEqual([]);
});

test('every block of code compiles', () => {
  expect(found.filter(diagnostic => !diagnostic.startsWith('wrong.ts'))).toEqual([]);
});

test('a block that is wrong would be found', () => {
  expect(found.filter(diagnostic => diagnostic.startsWith('wrong.ts'))).toEqual([expect.stringContaining("Property 'everything' does not exist")]);
});

test('the defaults of all controls are as the guide to access says', () => {
  const { PRINCIPAL_TAG, PROFILE, BOTH } = AttributionRequirement;
  const modes = [PRINCIPAL_TAG, PROFILE, BOTH].map(require => Object.entries(resolveControls(AttributionSchema.starter(), { require })));
  const controls = modes[0].map(([name]) => name).filter(name => name.startsWith('deny'));
  expect(controlsOf('docs/access.md')).toEqual(Object.fromEntries(controls.map(control => (
    [control, modes.map(mode => mode.some(([name, isOn]) => name === control && isOn === true) ? 'yes' : 'no')]
  ))));
});
