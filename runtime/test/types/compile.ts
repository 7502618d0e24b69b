import * as path from 'node:path';
import * as ts from 'typescript';

const PACKAGE = 'bedrock-cost-attribution-runtime';
const ROOT = path.join(__dirname, '..', '..', '..');

/**
 * What the compiler says of modules that import the package by its name, with the code that it is about, as one text for each module:
 * empty when it compiles.
 *
 * All are compiled in one program, since most of the time goes into what they import.
 */
export function compileAll<Name extends string>(modules: Readonly<Record<Name, string>>): Record<Name, string> {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), file => ts.sys.readFile(file)) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson({
    ...config.compilerOptions, noUnusedLocals: false, types: ['node'], paths: { [PACKAGE]: ['./runtime/src/index.ts'] },
  }, ROOT);
  const names = Object.keys(modules) as Name[];
  const texts = new Map(names.map((name, index) => [path.join(ROOT, `types-of-module-${index}.ts`), modules[name]]));
  const host = ts.createCompilerHost(options);
  const fromDisk = { ...host };
  host.fileExists = file => texts.has(file) || fromDisk.fileExists(file);
  host.readFile = file => texts.get(file) ?? fromDisk.readFile(file);
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const text = texts.get(file);
    return text === undefined
      ? fromDisk.getSourceFile(file, languageVersion, ...rest)
      : ts.createSourceFile(file, text, languageVersion, true);
  };
  const files = [...texts.keys()];
  const program = ts.createProgram(files, options, host);
  return Object.fromEntries(files.map((file, index) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return [names[index], found.map(({ start = 0, length = 0, messageText }) => (
      `${source?.text.slice(start, start + length) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    )).join('\n')];
  })) as Record<Name, string>;
}
