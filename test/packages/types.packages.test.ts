import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { entries, filesEnding, installed, manifest, PACKAGE, world } from './world';

/** How a project may be set up, and the ending of its sources. */
const PROJECTS = {
  'CommonJS of Node.js': { ending: 'cts', module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  'ES modules of Node.js': { ending: 'mts', module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  'a bundler': { ending: 'ts', module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};

const shown = (diagnostics: readonly ts.Diagnostic[]): string[] => diagnostics.map(({ file, messageText }) => (
  `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
));

/** What the compiler says about a source of the project, and about the types of the package itself. */
function compile(folder: string, source: string, { module, moduleResolution }: (typeof PROJECTS)[keyof typeof PROJECTS]): string[] {
  const program = ts.createProgram([join(folder, source)], {
    module, moduleResolution, target: ts.ScriptTarget.ES2022, strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: ['node'],
    typeRoots: [join(world.withPeers, 'node_modules', '@types')],
  });
  const looked = program.getSourceFiles().filter(({ fileName }) => fileName.endsWith(source) || fileName.includes(`/${PACKAGE}/`));
  expect(looked.length).toBeGreaterThan(1);
  const ofFiles = looked.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
  return shown([...program.getOptionsDiagnostics(), ...ofFiles]);
}

describe.each(Object.entries(PROJECTS))('a project for %s', (_, project) => {
  test('knows the keys, their values and what is none of them', () => {
    const source = `typed-service.${project.ending}`;
    copyFileSync(join(world.withPeers, 'typed-service.txt'), join(world.withPeers, source));
    expect(compile(world.withPeers, source, project)).toEqual([]);
  });

  test('knows them beside the oldest packages that the client says it works with', () => {
    const source = `typed-service.${project.ending}`;
    copyFileSync(join(world.withOldestPeers, 'typed-service.txt'), join(world.withOldestPeers, source));
    expect(compile(world.withOldestPeers, source, project)).toEqual([]);
  });

  test('finds the types of every entry', () => {
    const source = `entries.${project.ending}`;
    writeFileSync(join(world.withPeers, source), entries.map((entry, index) => `export * as entry${index} from '${join(PACKAGE, entry)}';`).join('\n'));
    expect(compile(world.withPeers, source, project)).toEqual([]);
  });

  test('compiles against the core alone', () => {
    const source = `core.${project.ending}`;
    writeFileSync(join(world.alone, source), `
      import { attribution, defineAttributionSchema } from '${PACKAGE}';
      const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'team', description: 'Team.', allowedValues: ['payments'] }] });
      export const header: string | undefined = attribution(schema, { team: 'payments' }).stamp().header;
      // @ts-expect-error -- no such team
      attribution(schema, { team: 'nobody' });
    `);
    // the stack of a client is a type of that package, which every client of the AWS SDK brings
    expect(compile(world.alone, source, project).filter(problem => !problem.includes("Cannot find module '@smithy/types'"))).toEqual([]);
  });
});

test('a value that is not known at compile time is in no type but the stack of a client', () => {
  const anys = filesEnding('.d.ts').flatMap(file => {
    const source = ts.createSourceFile(file, readFileSync(join(installed, file), 'utf8'), ts.ScriptTarget.ES2022, true);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(node.parent.getText());
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
  expect(anys.filter(text => !text.startsWith('MiddlewareStack<'))).toEqual([]);
});

test('everything that is exported says what it is', () => {
  const files = entries.map(entry => join(installed, manifest.exports[entry].import.types));
  const { module, moduleResolution } = PROJECTS['ES modules of Node.js'];
  const program = ts.createProgram(files, { module, moduleResolution, types: [] });
  const checker = program.getTypeChecker();
  const exportsOf = (file: string): ts.Symbol[] => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
  const documented = files.flatMap(file => exportsOf(file).map(symbol => {
    const original = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
    return { name: symbol.name, text: ts.displayPartsToString(original.getDocumentationComment(checker)) };
  }));
  expect(documented.length).toBeGreaterThan(20);
  expect(documented.filter(({ text }) => text === '')).toEqual([]);
});
