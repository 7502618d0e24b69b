import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BillTagSource } from '../../../lib/analytics/sql/view-template';
import { isDay } from '../is-day';
import { type Progress, SOURCE_DEFAULTS, type SourceOptions } from '../sources/sources';

/** The options of `report` and `query` as commander gives them. */
export interface RawSourceOptions {
  readonly logs?: string[];
  readonly bill?: string[];
  readonly schema?: string;
  readonly prices?: string;
  readonly profiles?: string;
  readonly principals?: string;
  readonly cost: 'unblended' | 'net';
  readonly attributionOrder: readonly BillTagSource[];
  readonly asOf?: Date;
  readonly settlementHours: number;
}

/** Adds the options that say what is read. */
export function addSourceOptions(command: Command): Command {
  return command
    .option('--logs <path...>', 'invocation logs: files, folders or patterns')
    .option('--bill <path...>', 'CUR 2.0 Parquet: files, folders or patterns')
    .option('--schema <file>', 'attribution schema (default: the starter schema)')
    .option('--prices <file>', 'prices that override the shipped ones, and discounts')
    .option('--profiles <file>', 'application inference profiles and the model each stands for')
    .option('--principals <file>', 'IAM principals and their attribution tags')
    .addOption(new Option('--cost <column>', 'dollars of a bill line').choices(['unblended', 'net']).default(SOURCE_DEFAULTS.cost))
    .addOption(new Option('--attribution-order <sources>', 'which tags of a bill line count, the winner first')
      .argParser(parseOrder).default(SOURCE_DEFAULTS.attributionOrder, SOURCE_DEFAULTS.attributionOrder.join(',')))
    .option('--as-of <time>', 'count the age of usage back from this time (default: now)', parseTime)
    .option('--settlement-hours <n>', 'hours until the bill for usage counts as settled', parseHours, SOURCE_DEFAULTS.settlementHours);
}

/** What the options mean. */
export function sourceOptions(raw: RawSourceOptions, by: readonly string[]): SourceOptions {
  return { ...raw, asOf: raw.asOf ?? new Date(), by };
}

/** Shows on a terminal what is going on, and nothing anywhere else. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress & { clear: () => void } {
  if (!stream.isTTY) return Object.assign(() => undefined, { clear: () => undefined });
  let shown = 0;
  const show: Progress = (what, done, of) => {
    if (done !== undefined && done !== of && Date.now() - shown < 100) return;
    shown = Date.now();
    stream.write(`\r\u001b[K${what}${done === undefined || of === undefined ? ' …' : ` ${done}/${of} files`}`);
  };
  return Object.assign(show, { clear: () => { stream.write('\r\u001b[K'); } });
}

/** Splits `team,service`; blanks around names do not matter. */
export function parseList(text: string): string[] {
  const names = text.split(',').map(name => name.trim()).filter(name => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('give at least one name.');
  if (new Set(names).size < names.length) throw new InvalidArgumentError('a name stands there twice.');
  return names;
}

function parseOrder(text: string): BillTagSource[] {
  return parseList(text).map((name) => {
    if (name !== 'iamPrincipal' && name !== 'resourceTags') throw new InvalidArgumentError(`${JSON.stringify(name)} is neither iamPrincipal nor resourceTags.`);
    return name;
  });
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!isDay(text.slice(0, 10)) || Number.isNaN(time.getTime())) throw new InvalidArgumentError('give a time such as 2026-11-02 or 2026-11-02T00:00:00Z.');
  return time;
}

function parseHours(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('give a whole number of hours.');
  return Number(text);
}
