import {
  type IAMClient, ListRolesCommand, ListRoleTagsCommand, ListUsersCommand, ListUserTagsCommand, type Tag,
} from '@aws-sdk/client-iam';
import { call, isRefusedWith, type Patience } from '../../../private/handlers/calls.lambda-shared';
import type { Listing } from './history.lambda-shared';
import { ownTags } from './own-tags.lambda-shared';
import { allPages, askAboutEach } from './pages.lambda-shared';
import { RefreshError } from './refresh-error.lambda-shared';

/** A row of the table `principals`, but for its history. */
export interface PrincipalFacts {
  readonly principal_arn: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Names of the keys whose value it declares for those that it calls for. */
  readonly declares_for_others: readonly string[];
  readonly account_id: string;
}

/** Which principals are listed, and what of them is written. */
export interface PrincipalScope {
  readonly account: string;
  /** Tag keys that are written, in lower case. */
  readonly tagKeys: ReadonlySet<string>;
  readonly pathPrefixes: readonly string[];
  /** Names of the keys that principals declare for others, by ARN. */
  readonly declaredKeys: ReadonlyMap<string, readonly string[]>;
}

/** A role or user as it is listed. */
interface Principal {
  readonly arn: string;
  readonly readTags: (Marker: string | undefined) => Promise<TagPage>;
  /** The action that reads its tags. */
  readonly action: string;
}

interface TagPage {
  readonly Tags?: Tag[];
  readonly IsTruncated?: boolean;
  readonly Marker?: string;
}

/** The most that IAM puts on a page. @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
const PAGE_SIZE = 1000;

/**
 * The roles and users of an account below some paths, with those of their tags that are written; many have none of these.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html
 */
export async function listPrincipals(client: IAMClient, scope: PrincipalScope, patience: Patience): Promise<Listing<PrincipalFacts>> {
  const principals = new Map<string, Principal>();
  for (const pathPrefix of scope.pathPrefixes) {
    for (const principal of [...await listRoles(client, pathPrefix, patience), ...await listUsers(client, pathPrefix, patience)]) {
      principals.set(principal.arn, principal);
    }
  }
  const rows = await askAboutEach([...principals.values()], principal => describe(principal, scope, patience));
  return {
    rows: rows.flatMap(row => row ?? []),
    covers: ({ principal_arn: arn }) => scope.pathPrefixes.some(prefix => pathOf(arn).startsWith(prefix)),
  };
}

/** Whether anything is known of a principal that others do not have. */
export function saysAnything({ tags, declares_for_others: keys }: PrincipalFacts): boolean {
  return Object.keys(tags).length > 0 || keys.length > 0;
}

function listRoles(client: IAMClient, PathPrefix: string, patience: Patience): Promise<Principal[]> {
  return allPages(async Marker => {
    const page = await call('iam:ListRoles', patience, () => client.send(new ListRolesCommand({ PathPrefix, MaxItems: PAGE_SIZE, Marker })));
    const entries = (page.Roles ?? []).map(({ Arn, RoleName }) => ({
      arn: known(Arn, 'iam:ListRoles'),
      action: 'iam:ListRoleTags',
      readTags: (marker: string | undefined) => client.send(new ListRoleTagsCommand({ RoleName, Marker: marker })),
    }));
    return { entries, next: nextOf(page) };
  });
}

function listUsers(client: IAMClient, PathPrefix: string, patience: Patience): Promise<Principal[]> {
  return allPages(async Marker => {
    const page = await call('iam:ListUsers', patience, () => client.send(new ListUsersCommand({ PathPrefix, MaxItems: PAGE_SIZE, Marker })));
    const entries = (page.Users ?? []).map(({ Arn, UserName }) => ({
      arn: known(Arn, 'iam:ListUsers'),
      action: 'iam:ListUserTags',
      readTags: (marker: string | undefined) => client.send(new ListUserTagsCommand({ UserName, Marker: marker })),
    }));
    return { entries, next: nextOf(page) };
  });
}

/** Undefined for a principal that was deleted since it was listed. */
async function describe(
  { arn, action, readTags }: Principal, scope: PrincipalScope, patience: Patience,
): Promise<PrincipalFacts | undefined> {
  try {
    const tags = await allPages(async marker => {
      const page = await call(action, patience, () => readTags(marker));
      return { entries: page.Tags ?? [], next: nextOf(page) };
    });
    return {
      principal_arn: arn,
      tags: ownTags(tags.map(({ Key, Value }) => ({ key: Key, value: Value })), scope.tagKeys),
      declares_for_others: scope.declaredKeys.get(arn) ?? [],
      account_id: scope.account,
    };
  } catch (error) {
    if (isRefusedWith(error, 'NoSuchEntityException', 'NoSuchEntity')) return undefined;
    throw error;
  }
}

function nextOf({ IsTruncated, Marker }: { readonly IsTruncated?: boolean; readonly Marker?: string }): string | undefined {
  return IsTruncated === true ? Marker : undefined;
}

function known(arn: string | undefined, action: string): string {
  if (arn === undefined) throw new RefreshError(`${action} lists a principal without an ARN`);
  return arn;
}

/** The path of a principal: what stands between its kind and its name, with a slash at both ends. */
function pathOf(arn: string): string {
  return /^[^/]*(\/(?:.*\/)?)[^/]*$/.exec(arn)?.[1] ?? '/';
}
