import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(__dirname, '..', '..', 'docs', 'faults.md');

/**
 * A section of docs/faults.md: what was tried, and what was observed.
 *
 * With UPDATE_FAULTS=1 the section is written; otherwise it has to say what was observed, word by word.
 */
export class FaultTable {
  private readonly rows: string[] = [];

  public constructor(private readonly heading: string) {}

  /**
   * Declares a test of one fault.
   *
   * @param fault what goes wrong
   * @param observe makes it go wrong, holds the outcome against what it must be, and returns it in words taken from what was observed
   */
  public fault(fault: string, observe: () => Promise<string> | string): void {
    test(fault, async () => {
      this.rows.push(`| ${fault} | ${await observe()} |`);
    });
  }

  /** Declares the test that the document says what was observed. To be called after all faults. */
  public holdsAgainstDocument(): void {
    test('docs/faults.md says what was observed', () => {
      const section = [`## ${this.heading}`, '', '| fault | observed |', '| --- | --- |', ...this.rows, ''].join('\n');
      const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
      const written = sectionOf(text, this.heading);
      if (process.env.UPDATE_FAULTS === '1') {
        writeFileSync(FILE, written === undefined ? `${text.trimEnd()}\n\n${section}` : text.replace(written, () => section));
        return;
      }
      expect(written).toBe(section);
    });
  }
}

function sectionOf(text: string, heading: string): string | undefined {
  const start = text.indexOf(`## ${heading}\n`);
  if (start < 0) return undefined;
  const end = text.indexOf('\n## ', start + 1);
  return end < 0 ? text.slice(start) : text.slice(start, end + 1).replace(/\n+$/, '\n');
}
