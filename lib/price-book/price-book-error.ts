/** Thrown when price data cannot be used; lists every problem that was found, not only the first. */
export class PriceBookError extends Error {
  /**
   * @param subject what was looked at, such as `the price file`
   * @param problems what is wrong with it, at least one sentence
   */
  public constructor(subject: string, problems: string[]) {
    super(`${subject} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:${problems.map(problem => `\n  - ${problem}`).join('')}`);
    this.name = 'PriceBookError';
  }
}
