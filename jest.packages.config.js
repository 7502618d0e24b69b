/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config'),
  roots: ['<rootDir>/test/packages'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/packages/global-setup.ts',
  globalTeardown: '<rootDir>/test/packages/global-teardown.ts',
  // what checks packages is slow on a machine that does other work
  testTimeout: 180_000,
  maxWorkers: 2,
};
