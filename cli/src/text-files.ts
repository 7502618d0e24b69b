import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from './usage-error';

/**
 * The text of a file that a user named.
 *
 * @param what stands before the name in the error, such as `the schema `
 * @throws UsageError when it cannot be read
 */
export function readText(path: string, what = ''): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${what}${JSON.stringify(path)} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * Writes a file that a user named.
 *
 * @throws UsageError when it cannot be written
 */
export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`${JSON.stringify(path)} cannot be written: ${(error as Error).message}`);
  }
}

/** Text that ends in a newline, to a file where one is named and to the terminal otherwise. */
export function output(text: string, path?: string): void {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  if (path === undefined) process.stdout.write(whole);
  else writeText(path, whole);
}
