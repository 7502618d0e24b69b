import { type AttributionKey, Carrier, Limits } from '../../lib/schema';
import { wholePattern } from '../../lib/schema/check-values';
import { wholeText } from '../../lib/schema/whole-text';
import type { Rules, Values } from './call-metadata';

/** A pair as JSON has two pairs of quotation marks, a colon and a comma; a control character takes six characters. */
const JSON_OF_PAIR = 6;
const JSON_OF_CHARACTER = 6;

/**
 * Whether there is nothing at all to say against the values of a call: the answer for nearly every one, at a fraction of what it takes to
 * say everything that is wrong.
 *
 * It may say no to what is right, never yes to what is wrong. What it does not accept is judged in full.
 */
export class QuickCheck {
  private readonly fits = new Map<string, (value: unknown) => boolean>();
  private readonly missing: readonly string[];
  private readonly roomForPairs: number;
  private readonly roomForCharacters: number;

  /** @param base what the client stamps on each call, with nothing wrong but required keys that may be missing */
  public constructor({ schema, day }: Rules, base: Values) {
    for (const key of schema.keys.filter(candidate => candidate.ridesOn(Carrier.REQUEST_METADATA))) {
      const hasSynonyms = key.deprecatedInFavourOf !== undefined || schema.deprecatedNames(key.name).length > 0;
      if (!key.personal && !hasSynonyms && !Object.hasOwn(base, key.name)) this.fits.set(key.name, fitsOf(key));
    }
    this.missing = schema.requiredTagKeys(Carrier.REQUEST_METADATA, day).filter(name => !Object.hasOwn(base, name));
    this.roomForPairs = Limits.REQUEST_METADATA_MAX_PAIRS - Object.keys(base).length;
    this.roomForCharacters = Limits.REQUEST_METADATA_HEADER - JSON.stringify(base).length;
  }

  /** Whether all of these can be sent just as they are. A name that is among both is none of the simple cases. */
  public accepts(pinned: Values, values: Values): boolean {
    const names = Object.keys(values);
    const pinnedNames = Object.keys(pinned);
    return names.length + pinnedNames.length <= this.roomForPairs
      && pinnedNames.every(name => !Object.hasOwn(values, name))
      && this.charactersOf(names, values) + this.charactersOf(pinnedNames, pinned) <= this.roomForCharacters
      && this.missing.every(name => Object.hasOwn(values, name) || Object.hasOwn(pinned, name));
  }

  /** Most characters that these pairs take in the header; infinitely many when one of them does not fit. */
  private charactersOf(names: readonly string[], values: Values): number {
    let characters = 0;
    for (const name of names) {
      const value = values[name];
      if (this.fits.get(name)?.(value) !== true) return Infinity;
      characters += JSON_OF_PAIR + name.length + JSON_OF_CHARACTER * value.length;
    }
    return characters;
  }
}

function fitsOf(key: AttributionKey): (value: unknown) => boolean {
  const { maxLength, pattern } = Limits.REQUEST_METADATA_VALUE;
  const legal = wholeText(pattern);
  const allowed = key.allowedValues && new Set(key.allowedValues);
  const own = key.pattern === undefined ? undefined : wholeText(wholePattern(key.pattern));
  return value => typeof value === 'string' && value !== '' && value.length <= maxLength && legal.test(value)
    && allowed?.has(value) !== false && own?.test(value) !== false;
}
