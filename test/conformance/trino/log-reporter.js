/** Shows the end of what the server wrote when a test failed. */
module.exports = class LogReporter {
  onTestFileResult({ path }, { numFailingTests, testExecError }) {
    if (numFailingTests > 0 || testExecError !== undefined) {
      process.stderr.write(`\nAfter ${path} the Trino server had written last:\n${globalThis.trinoServer?.log()}\n`);
    }
  }
};
