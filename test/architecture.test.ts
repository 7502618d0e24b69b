import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import * as ts from 'typescript';

/**
 * The floor plan in executable form: which place may import which. Imports only go down, siblings meet through `import type` of an
 * interface, written `type:<place>`, and nothing that is not listed is allowed.
 */
const CDK = ['aws-cdk-lib', 'constructs'];
const SOURCE = ['schema', 'private', 'crypto', ...CDK];
const LEDGER = [...SOURCE, 'price-book'];
const ALL_OF_LIB = [
  'schema', 'price-book', 'private', 'attribution-schema-parameter', 'inference-profiles', 'mantle-projects', 'access', 'invocation-logging',
  'data-exports', 'analytics', 'reconciliation', 'spend-controls', 'nag', 'bedrock-cost-attribution',
];

const TABLE: Record<string, string[]> = {
  // ground
  'schema': [],
  'price-book': [],
  'private': ['schema', 'files', 'crypto', ...CDK],
  // sources
  'attribution-schema-parameter': SOURCE,
  'inference-profiles': SOURCE,
  'mantle-projects': SOURCE,
  'access': SOURCE,
  'invocation-logging': SOURCE,
  'data-exports': SOURCE,
  // ledger
  'analytics': [...LEDGER, 'type:invocation-logging', 'type:data-exports'],
  'reconciliation': [...LEDGER, 'type:analytics', 'analytics/sql'],
  // controls
  'spend-controls': [...SOURCE, 'price-book', 'type:access', 'type:data-exports', 'type:invocation-logging'],
  'nag': ['schema', 'cdk-nag', ...CDK],
  // roof
  'bedrock-cost-attribution': [...ALL_OF_LIB, ...CDK],
  'index': ALL_OF_LIB,
  // outside of lib
  'bin': ['index', 'cdk-nag', 'files', ...CDK],
  'examples': ['index', 'files', ...CDK],
  // an application that calls: nothing of the constructs but the keys that it shares with its stack
  'example-server': ['runtime', 'examples', 'node', 'sdk', 'jose'],
  'runtime': ['schema', 'price-book', 'sdk', 'crypto', 'node', 'runtime-packages'],
  'cli': ['schema', 'price-book', 'analytics/sql', 'files', 'crypto', 'node', 'sdk', 'cli-packages'],
  // code that runs in Lambda, wherever it lies
  'handler': ['schema', 'price-book', 'shared', 'sdk', 'crypto', 'node', 'type:aws-lambda'],
  // the report of the command line, made in Lambda
  'cli-handler': ['cli', 'shared', 'sdk', 'node'],
};

const PACKAGES: [RegExp, string][] = [
  [/^(node:)?(fs|path)(\/.*)?$/, 'files'],
  [/^(node:)?crypto$/, 'crypto'],
  [/^(node:.*|https?|os|url|util|zlib)$/, 'node'],
  [/^aws-cdk-lib(\/.*)?$/, 'aws-cdk-lib'],
  [/^constructs$/, 'constructs'],
  [/^cdk-nag$/, 'cdk-nag'],
  [/^aws-lambda$/, 'aws-lambda'],
  [/^@(aws-sdk|smithy)\/.*$/, 'sdk'],
  [/^(lru-cache|@ai-sdk\/amazon-bedrock|@anthropic-ai\/(bedrock-)?sdk|@langchain\/(aws|core)|@opentelemetry\/api)(\/.*)?$/, 'runtime-packages'],
  [/^(@duckdb\/node-api|cli-table3|commander|csv-stringify|echarts|tinyglobby)(\/.*)?$/, 'cli-packages'],
];

const ROOT = join(__dirname, '..');
const FOLDERS = ['lib', 'bin', 'examples', join('cli', 'src'), join('runtime', 'src')];

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

const isHandlerFile = (file: string): boolean => /\.lambda(-shared)?(\.ts)?$/.test(file);

/** The place a path of the repository belongs to; a handler is a place of its own, as it runs elsewhere. */
function placeOf(path: string): string {
  if (isHandlerFile(path)) return path.startsWith('cli/') ? 'cli-handler' : 'handler';
  if (/^examples\/[^/]+\/server/.test(path)) return 'example-server';
  const [top, second = ''] = path.split('/');
  return top === 'lib' ? second.replace(/\.ts$/, '') || 'index' : top;
}

/** Every import of a text, in whatever form it is written. */
function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      found.push({ target: (node.moduleSpecifier as ts.StringLiteral).text, typeOnly: isTypeOnly(node) });
    } else if (ts.isCallExpression(node) && /^(import|require)$/.test(node.expression.getText()) && ts.isStringLiteral(node.arguments[0])) {
      found.push({ target: node.arguments[0].text, typeOnly: false });
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      found.push({ target: (node.moduleReference.expression as ts.StringLiteral).text, typeOnly: node.isTypeOnly });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push({ target: (node.argument.literal as ts.StringLiteral).text, typeOnly: true });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2022, true));
  return found;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return clause.name === undefined && names !== undefined && ts.isNamedImports(names) && names.elements.length > 0
    && names.elements.every(element => element.isTypeOnly);
}

/** What the table calls the target of an import. */
function targetPlace(file: string, target: string): string {
  if (!target.startsWith('.')) return PACKAGES.find(([pattern]) => pattern.test(target))?.[1] ?? target;
  const path = normalize(join(dirname(file), target));
  const isShared = [dirname(file), 'lib/private/handlers'].includes(dirname(path));
  if (isHandlerFile(file) && isShared && (isHandlerFile(path) || /\/(constants|enums)$/.test(path))) return 'shared';
  if (['cli', 'reconciliation'].includes(placeOf(file)) && path.startsWith('lib/analytics/sql/')) return 'analytics/sql';
  return placeOf(path);
}

/** The imports of a file that the table does not allow. */
function violations(file: string, text: string): string[] {
  const place = placeOf(file);
  if (!Object.hasOwn(TABLE, place)) return [`${file}: the table has no row for ${place}`];
  return importsOf(text).flatMap(({ target, typeOnly }) => {
    const to = targetPlace(file, target);
    const allowed = (to === place && to !== 'handler') || TABLE[place].includes(to) || (typeOnly && TABLE[place].includes(`type:${to}`));
    return allowed ? [] : [`${file} (${place}) imports ${target} (${to})`];
  });
}

const files = FOLDERS.flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts')).map(name => join(folder, name)));

test('finds the files of every place that stands', () => {
  expect([...new Set(files.map(placeOf))]).toEqual(expect.arrayContaining(['schema', 'price-book', 'private', 'index', 'cli', 'runtime', 'handler', 'access']));
});

test('every import of the repository is in the table', () => {
  expect(files.flatMap(file => violations(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test.each(['schema', 'price-book'])('lib/%s imports nothing outside of its folder', place => {
  const folder = `lib/${place}/`;
  const outside = files.filter(file => file.startsWith(folder)).flatMap(file =>
    importsOf(readFileSync(join(ROOT, file), 'utf8')).map(({ target }) => target.startsWith('.') ? normalize(join(dirname(file), target)) : target)
      .filter(path => !path.startsWith(folder)));
  expect(outside).toEqual([]);
});

test.each([
  ['ground that imports a storey above', 'lib/schema/x.ts', `import { a } from '../access';`],
  ['ground that imports the CDK', 'lib/price-book/x.ts', `import type { Stack } from 'aws-cdk-lib';`],
  ['ground that imports a built-in module', 'lib/schema/x.ts', `const { readFileSync } = require('node:fs');`],
  ['ground that names a foreign type in place', 'lib/schema/x.ts', `export type X = import('../access').X;`],
  ['a sibling source', 'lib/access/x.ts', `import type { A } from '../inference-profiles';`],
  ['a class of a sibling where only a type is allowed', 'lib/analytics/x.ts', `import { A } from '../data-exports';`],
  ['a class beside a type where only a type is allowed', 'lib/analytics/tables/x.ts', `import { type A, B } from '../../data-exports';`],
  ['a re-export of a storey above', 'lib/access/index.ts', `export * from '../analytics';`],
  ['a lazy import of a storey above', 'lib/access/x.ts', `await import('../analytics');`],
  ['files read outside of private', 'lib/analytics/x.ts', `import * as fs from 'fs';`],
  ['a handler that imports the CDK', 'lib/invocation-logging/x.lambda.ts', `import { Stack } from 'aws-cdk-lib';`],
  ['a handler that imports a synth file beside it', 'lib/invocation-logging/x.lambda.ts', `import { A } from './invocation-logging';`],
  ['a handler that imports the constants of another folder', 'lib/invocation-logging/x.lambda.ts', `import { A } from '../analytics/constants';`],
  ['a handler that imports a synth file that folders share', 'lib/invocation-logging/handlers/x.lambda.ts', `import { A } from '../../private/arns';`],
  ['a synth file that imports a handler', 'lib/invocation-logging/x.ts', `import { handler } from './x.lambda';`],
  ['a synth file that imports the SDK', 'lib/invocation-logging/x.ts', `import { SSMClient } from '@aws-sdk/client-ssm';`],
  ['an app that reaches past the index', 'bin/app.ts', `import { A } from '../lib/access';`],
  ['a command line that imports a handler', 'cli/src/x.ts', `import { handler } from './y.lambda';`],
  ['a handler of the command line that imports constructs', 'cli/src/x.lambda.ts', `import { A } from '../../lib/analytics';`],
  ['a closing that imports a class of the catalog', 'lib/reconciliation/x.ts', `import { A } from '../analytics';`],
  ['a command line that imports constructs', 'cli/src/x.ts', `import { A } from '../../lib/analytics';`],
  ['a command line that imports the CDK', 'cli/src/x.ts', `import { App } from 'aws-cdk-lib';`],
  ['a runtime that imports the CDK', 'runtime/src/x.ts', `import { App } from 'aws-cdk-lib';`],
  ['a server that imports constructs', 'examples/llm-gateway/server.ts', `import { access } from '../../lib';`],
  ['a stack that imports its server', 'examples/llm-gateway/x.ts', `import { start } from './server';`],
  ['a package that nobody has listed', 'lib/access/x.ts', `import _ from 'lodash';`],
  ['a folder without a row', 'lib/new-storey/x.ts', ''],
])('the checker fails %s', (_, file, text) => {
  expect(violations(file, text)).toHaveLength(1);
});

test.each([
  ['a type of a sibling', 'lib/analytics/tables/x.ts', `import { type ICostAndUsageExport } from '../../data-exports';`],
  ['a file of the same place', 'lib/access/x.ts', `import { A } from './a';`],
  ['ground from a source', 'lib/access/x.ts', `import { A } from '../schema';`],
  ['what a handler shares with its folder', 'lib/invocation-logging/x.lambda.ts', `import { A } from './constants'; import { B } from './y.lambda-shared';`],
  ['what all handlers share', 'lib/spend-controls/handlers/x.lambda.ts', `import { A } from '../../private/handlers/y.lambda-shared'; import { B } from '../../private/handlers/constants';`],
  ['the report from a handler', 'cli/src/x.lambda.ts', `import { A } from './report/y'; import { B } from '../../lib/private/handlers/constants';`],
  ['the client from a server', 'examples/llm-gateway/server.ts', `import { attribution } from '../../runtime/src'; import { definition } from './schema';`],
  ['everything from the index', 'lib/index.ts', `export * as schema from './schema';`],
  ['the index from the app', 'bin/stacks/x.ts', `import { schema } from '../../lib'; import { B } from '../../lib/index';`],
  ['the SQL from a closing', 'lib/reconciliation/x.ts', `import { A } from '../analytics/sql/view-keys';`],
  ['the SQL from the command line', 'cli/src/commands/x.ts', `import { A } from '../../../lib/analytics/sql/view-keys';`],
])('the checker allows %s', (_, file, text) => {
  expect(violations(file, text)).toEqual([]);
});
