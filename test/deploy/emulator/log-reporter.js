const { existsSync, readFileSync, rmSync } = require('node:fs');
const { basename, join } = require('node:path');

/** Shows what the emulator of a test file wrote when a test of it fails. */
module.exports = class LogReporter {
  onTestFileResult({ path }, { numFailingTests, testExecError }) {
    const log = join(process.env.LOCAL_AWS_LOGS, `${basename(path)}.log`);
    if ((numFailingTests > 0 || testExecError !== undefined) && existsSync(log)) {
      process.stderr.write(`\nThe emulator of ${basename(path)} wrote:\n${readFileSync(log, 'utf8')}\n`);
    }
  }

  onRunComplete() {
    rmSync(process.env.LOCAL_AWS_LOGS, { recursive: true, force: true });
  }
};
