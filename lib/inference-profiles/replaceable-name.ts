import { createHash } from 'node:crypto';
import { Lazy, Names, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * A name that changes with the settings that replace a resource, and with nothing else: CloudFormation makes the new one while the old one
 * still has its name.
 *
 * A setting that is known at deployment only counts by the expression that yields it, such as the parameter that it refers to.
 */
export function replaceableName(resource: IConstruct, settings: string[]): string {
  if (!settings.some(setting => Token.isUnresolved(setting))) return nameFrom(resource, settings);
  return Lazy.uncachedString({
    produce: context => nameFrom(resource, settings.map(setting => {
      const resolved: unknown = context.resolve(setting);
      return typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
    })),
  });
}

function nameFrom(resource: IConstruct, settings: string[]): string {
  const hash = createHash('sha256').update(settings.join('\n')).digest('hex').slice(0, 8);
  return `${Names.uniqueResourceName(resource, { maxLength: 55, separator: '-' })}-${hash}`;
}
