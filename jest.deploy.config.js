/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config'),
  roots: ['<rootDir>/test/deploy'],
  testPathIgnorePatterns: ['/node_modules/'],
  // a deployment waits as long as CloudFormation does
  testTimeout: 900_000,
  maxWorkers: 2,
};
