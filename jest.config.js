/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/cli/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' } }] },
  // ts first: a stale compiled .js beside a source must never be the thing that is tested
  moduleFileExtensions: ['ts', 'js', 'json'],
  // deployments to a local AWS and queries on a Trino server have suites of their own: npm run test:deploy, npm run test:conformance
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/deploy/', '<rootDir>/test/conformance/'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/dist-packages', '<rootDir>/cdk.out', '<rootDir>/cli/dist', '<rootDir>/runtime/dist'],
  testTimeout: 60_000,
};
