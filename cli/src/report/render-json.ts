import type { Report } from './report-contract';

/** The report as JSON text: indented, one trailing newline, and no character that a terminal could take for an escape. */
export function renderJson(report: Report): string {
  const text = JSON.stringify(report, null, 2);
  // JSON.stringify leaves DEL and the C1 controls as they are; an escape stands for the same string
  return `${text.replace(/[\u007F-\u009F]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
