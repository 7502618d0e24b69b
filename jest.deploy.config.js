/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config'),
  roots: ['<rootDir>/test/deploy'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/deploy/emulator/global-setup.ts',
  reporters: ['default', '<rootDir>/test/deploy/emulator/log-reporter.js'],
  // a deployment waits as long as CloudFormation does
  testTimeout: 900_000,
  maxWorkers: 2,
};
