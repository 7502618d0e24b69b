import { readFileSync } from 'node:fs';
import { PriceBook } from '../../../lib/price-book';
import { dataFile } from '../data-files';
import { UsageError } from '../usage-error';

/**
 * The shipped price book with the user's file on top.
 *
 * @throws UsageError when the user's file cannot be read or has problems
 */
export function loadPriceBook(overridesFile?: string): PriceBook {
  const shipped = PriceBook.fromJson(readFileSync(dataFile('price-book', 'price-snapshot.json'), 'utf8'));
  if (overridesFile === undefined) return shipped;
  try {
    return shipped.withOverrides(PriceBook.fromJson(readFileSync(overridesFile, 'utf8')));
  } catch (error) {
    throw new UsageError(`${JSON.stringify(overridesFile)} cannot be used as a price file: ${(error as Error).message}`);
  }
}
