/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/cli/test', '<rootDir>/runtime/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' } }] },
  // ts first: a stale compiled .js beside a source must never be the thing that is tested
  moduleFileExtensions: ['ts', 'js', 'json'],
  // deployments to a local AWS, queries on a Trino server and installed packages have suites of their own: npm run test:<name>
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/deploy/', '<rootDir>/test/conformance/', '<rootDir>/test/packages/'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/dist-packages', '<rootDir>/cdk.out', '<rootDir>/cli/dist', '<rootDir>/runtime/dist'],
  testTimeout: 60_000,
};
