/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config'),
  roots: ['<rootDir>/test/conformance'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/conformance/trino/global-setup.ts',
  globalTeardown: '<rootDir>/test/conformance/trino/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/conformance/trino/log-reporter.js'],
  testTimeout: 300_000,
  // one server answers all of them, and it takes what the machine has
  maxWorkers: 1,
};
