import { type DeclaringPrincipal, REFRESHER_VARIABLES } from './constants';
import type { PrincipalScope } from './list-principals.lambda-shared';

/** What a refresher is told by its environment. */
export interface RefresherSettings {
  readonly bucket: string;
  readonly account: string;
  readonly region: string;
  /** Tag keys of profiles and projects that are written, in lower case. */
  readonly resourceTagKeys: ReadonlySet<string>;
  readonly listProjects: boolean;
  /** Which principals are listed; undefined where none are. */
  readonly principals?: PrincipalScope;
}

/** Reads the environment of the function, which the construct has written. */
export function parseSettings(variables: Readonly<Record<string, string | undefined>>): RefresherSettings {
  const text = (name: keyof typeof REFRESHER_VARIABLES): string => variables[REFRESHER_VARIABLES[name]] ?? '';
  const list = <T>(name: keyof typeof REFRESHER_VARIABLES): T[] => JSON.parse(text(name) || '[]') as T[];
  const tagKeys = (name: 'resourceTags' | 'principalTags'): Set<string> => new Set(list<string>(name).map(key => key.toLowerCase()));
  const account = text('account');
  const pathPrefixes = text('pathPrefixes').split('\n').filter(prefix => prefix !== '');
  return {
    bucket: text('bucket'),
    account,
    region: text('region'),
    resourceTagKeys: tagKeys('resourceTags'),
    listProjects: text('listProjects') === 'true',
    ...pathPrefixes.length === 0 ? {} : {
      principals: {
        account,
        tagKeys: tagKeys('principalTags'),
        pathPrefixes,
        declaredKeys: new Map(list<DeclaringPrincipal>('declaring').map(({ arn, keys }) => [arn, keys.split(',')])),
      },
    },
  };
}
