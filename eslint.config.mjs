import { fileURLToPath } from 'node:url';
import cdklabs from '@cdklabs/eslint-plugin';
import stylistic from '@stylistic/eslint-plugin';
import awscdk from 'eslint-plugin-awscdk';
import importPlugin from 'eslint-plugin-import';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/', 'dist-packages/', 'assets/', '**/cdk.out/', 'coverage/', 'demo-out/', 'bench-out/', '**/*.js'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)) } },
    plugins: { '@stylistic': stylistic, 'import': importPlugin },
    settings: { 'import/resolver': { typescript: { project: './tsconfig.json' } } },
    rules: {
      '@stylistic/indent': ['error', 2],
      '@stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: 'always' }],
      '@stylistic/semi': ['error', 'always'],
      '@stylistic/max-len': ['error', { code: 140, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      '@stylistic/comma-dangle': ['error', 'always-multiline'],
      '@stylistic/quote-props': ['error', 'consistent-as-needed'],
      '@stylistic/no-trailing-spaces': 'error',
      '@stylistic/eol-last': 'error',
      '@stylistic/no-multiple-empty-lines': ['error', { max: 1, maxEOF: 0 }],
      'import/order': ['error', { 'groups': ['builtin', 'external', 'parent', 'sibling', 'index'], 'alphabetize': { order: 'asc', caseInsensitive: true } }],
      'import/no-duplicates': 'error',
      'import/no-extraneous-dependencies': ['error', { devDependencies: ['test/**', 'scripts/**', 'bin/**', 'examples/**', 'cli/test/**', 'runtime/test/**', '**/*.lambda.ts', '**/*.lambda-shared.ts'], packageDir: ['.', 'cli', 'runtime'] }],
      'curly': ['error', 'multi-line', 'consistent'],
      'eqeqeq': 'error',
      'no-throw-literal': 'error',
      // template literals with numbers and booleans read better than String(…) calls
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': 'off', // jsii has no free functions: static-only classes are the public form
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
    },
  },
  {
    files: ['lib/**/*.ts', 'bin/**/*.ts', 'examples/**/*.ts'],
    plugins: { awscdk, '@cdklabs': cdklabs },
    rules: {
      'awscdk/require-props-default-doc': 'error',
      'awscdk/require-jsdoc': 'error',
      'awscdk/props-name-convention': 'error',
      'awscdk/no-mutable-property-of-props-interface': 'error',
      'awscdk/no-mutable-public-property-of-construct': 'error',
      'awscdk/no-variable-construct-id': 'error',
      'awscdk/pascal-case-construct-id': 'error',
      'awscdk/no-parent-name-construct-id-match': 'error',
      'awscdk/no-construct-stack-suffix': 'error',
      'awscdk/no-unused-props': 'error',
      'awscdk/require-passing-this': 'error',
      'awscdk/prefer-grants-property': 'error',
      // 'awscdk/no-import-private' is left out: it takes this package's own lib/private for somebody else's; test/architecture.test.ts holds it
      '@cdklabs/no-literal-partition': 'error',
      '@cdklabs/no-throw-default-error': 'error',
      '@cdklabs/no-invalid-path': 'error',
      '@cdklabs/promiseall-no-unbounded-parallelism': 'error',
    },
  },
  {
    // a test may build any shape it likes: these three only add noise there
    files: ['test/**/*.ts', 'cli/test/**/*.ts', 'runtime/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
