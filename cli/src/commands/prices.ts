import CliTable from 'cli-table3';
import { Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { PriceBook, PriceEntry } from '../../../lib/price-book';
import { priceRow } from '../../../lib/price-book/price-row';
import { loadPriceBook } from '../sources/load-price-book';
import { UsageError } from '../usage-error';

interface PricesOptions {
  readonly model?: string;
  readonly region?: string;
  readonly format: 'table' | 'json' | 'csv';
  readonly prices?: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** With the seven borders: 100 characters. */
const TABLE_WIDTHS = [16, 10, 19, 24, 11, 13];

/** `bca prices`: what the price book says, and how old it is. */
export function pricesCommand(): Command {
  return new Command('prices')
    .description('list the prices that estimates are made with')
    .option('--model <text>', 'only models whose id contains this text')
    .option('--region <code>', 'only prices of this Region or geography, and those of every Region')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json', 'csv']).default('table'))
    .option('--prices <file>', 'your own prices and discounts, laid over the shipped ones')
    .action((options: PricesOptions) => {
      const book = loadPriceBook(options.prices);
      const entries = selected(book.entries, options);
      if (options.format === 'table') process.stdout.write(`${asTable(entries)}\n${ageOf(book, new Date())}\n`);
      else process.stdout.write(options.format === 'json' ? asPriceFile(book, entries) : asCsv(entries));
    });
}

function selected(entries: PriceEntry[], { model, region }: PricesOptions): PriceEntry[] {
  const found = entries.filter(entry => entry.model.includes(model?.toLowerCase() ?? '')
    && (region === undefined || entry.region === region.toLowerCase() || entry.region === '*'));
  if (found.length > 0) return found;
  const filters = [['--model', model], ['--region', region]].filter(([, value]) => value !== undefined);
  const given = filters.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(' ');
  throw new UsageError(`no price matches ${given}: widen the filters, or give the price with --prices FILE`);
}

/** One block a model: its ids are too long to stand in a column of their own. */
function asTable(entries: PriceEntry[]): string {
  const table = new CliTable({
    head: ['region', 'route', 'tier', 'token type', 'USD', 'per'],
    colWidths: TABLE_WIDTHS,
    colAligns: ['left', 'left', 'left', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  let model: string | undefined;
  for (const entry of entries) {
    if (entry.model !== model) table.push([{ content: entry.model, colSpan: TABLE_WIDTHS.length }]);
    model = entry.model;
    const threshold = entry.contextThresholdTokens === undefined ? '' : ` >${entry.contextThresholdTokens}`;
    table.push([entry.region, entry.route, entry.tier, `${entry.tokenType}${threshold}`, entry.usd, entry.unit]);
  }
  return table.toString();
}

function asPriceFile(book: PriceBook, entries: PriceEntry[]): string {
  return `${JSON.stringify({ retrieved: book.retrieved ?? null, entries: entries.map(priceRow) }, null, 2)}\n`;
}

function asCsv(entries: PriceEntry[]): string {
  return stringify(entries.map(priceRow), { header: true });
}

function ageOf(book: PriceBook, now: Date): string {
  if (book.retrieved === undefined) return 'the price snapshot does not say when it was read';
  const days = Math.max(0, Math.floor((now.getTime() - Date.parse(book.retrieved)) / DAY_MS));
  return `newest price read on ${book.retrieved}, ${days} day${days === 1 ? '' : 's'} ago; list prices in US dollars, discounts only as given`;
}
