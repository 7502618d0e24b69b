import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Installs the emulator before the test files, which run side by side, need it, and makes the folder for its logs. */
export default function setUp(): void {
  execFileSync(process.execPath, [join(__dirname, '..', '..', '..', 'scripts', 'install-emulator.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.env.LOCAL_AWS_LOGS = mkdtempSync(join(tmpdir(), 'local-aws-logs-'));
}
