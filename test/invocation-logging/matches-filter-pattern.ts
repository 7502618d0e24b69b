/**
 * Whether a log event matches a metric filter's pattern, by the documentation of JSON patterns; refuses what these filters do not use.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function matchesFilterPattern(pattern: string, message: string): boolean {
  const event = parse(message);
  if (event === undefined) return false;
  let rest = take(pattern, /^\{ (.*) \}$/s);

  const read = (token: RegExp): RegExpExecArray | null => {
    const found = token.exec(rest);
    if (found) rest = rest.slice(found[0].length).trimStart();
    return found;
  };
  const any = (): boolean => {
    let holds = all();
    while (read(/^\|\|/)) holds = [all(), holds].includes(true);
    return holds;
  };
  const all = (): boolean => {
    let holds = term();
    while (read(/^&&/)) holds = ![term(), holds].includes(false);
    return holds;
  };
  const term = (): boolean => {
    if (read(/^\(/)) {
      const holds = any();
      if (!read(/^\)/)) throw new Error(`no closing parenthesis before ${rest}`);
      return holds;
    }
    const comparison = read(/^\$((?:\.[A-Za-z0-9_-]+)+) (?:(NOT EXISTS)|= "([^"*\\]+|\*)")/);
    if (!comparison) throw new Error(`no condition: ${rest}`);
    const [, path, notExists, expected] = comparison as unknown as [string, string, string?, string?];
    const value = path.slice(1).split('.').reduce<unknown>((map, name) => (map as Record<string, unknown> | undefined)?.[name], event);
    if (notExists !== undefined) return value === undefined;
    return expected === '*' ? value !== undefined : value === expected;
  };

  const holds = any();
  if (rest !== '') throw new Error(`left over: ${rest}`);
  return holds;
}

function take(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`no JSON pattern: ${text}`);
  return found;
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
