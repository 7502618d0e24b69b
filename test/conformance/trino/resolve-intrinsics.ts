/** What stands behind the names that a template refers to: by logical id or pseudo parameter, or by `<logical id>.<attribute>`. */
export type Values = Readonly<Partial<Record<string, string>>>;

/** Computes the intrinsic functions of a value of a template, as CloudFormation would when it deploys it. */
export function resolveIntrinsics(value: unknown, values: Values): unknown {
  if (Array.isArray(value)) return value.map(item => resolveIntrinsics(item, values));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length !== 1 || !/^(Ref|Fn::.+)$/.test(entries[0][0])) {
    return Object.fromEntries(entries.map(([key, item]) => [key, resolveIntrinsics(item, values)]));
  }
  const [[name, argument]] = entries;
  if (name === 'Fn::Sub') return substitute(argument, values);
  const given = resolveIntrinsics(argument, values);
  switch (name) {
    case 'Ref': return known(String(given), values);
    case 'Fn::GetAtt': return known(Array.isArray(given) ? given.join('.') : String(given), values);
    case 'Fn::Join': {
      const [separator, parts] = given as [string, unknown[]];
      return parts.map(String).join(separator);
    }
    case 'Fn::Split': {
      const [separator, text] = given as [string, string];
      return text.split(separator);
    }
    case 'Fn::Select': {
      const [index, items] = given as [string | number, unknown[]];
      return items[Number(index)];
    }
    case 'Fn::Base64': return Buffer.from(String(given), 'utf8').toString('base64');
    default: throw new RangeError(`a table is defined by ${name}, which these tests cannot compute`);
  }
}

function substitute(argument: unknown, values: Values): string {
  const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
  const own = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(resolveIntrinsics(value, values))]));
  // ${!name} is how a template writes ${name} itself
  return text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => literal ? `\${${name}}` : known(name, { ...values, ...own }));
}

function known(name: string, values: Values): string {
  const value = values[name];
  if (value === undefined) throw new RangeError(`a table is defined by a reference to ${JSON.stringify(name)}: give its value`);
  return value;
}
