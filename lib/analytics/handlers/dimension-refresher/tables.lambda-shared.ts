import { type History, type Listing, remember } from './history.lambda-shared';
import { type PrincipalFacts, saysAnything } from './list-principals.lambda-shared';
import type { ProfileFacts } from './list-profiles.lambda-shared';

/** A row of the table `inference_profiles`. */
export type ProfileRow = ProfileFacts & History;

/** A row of the table `principals`. */
export type PrincipalRow = PrincipalFacts & History;

/** The rows of profiles and projects after a listing of one of the two. */
export function rememberProfiles(former: readonly ProfileRow[], listing: Listing<ProfileFacts>, day: string): ProfileRow[] {
  const sources = new Map(former.map(row => [row.inference_profile_arn, row.model_source]));
  const rows = listing.rows.map(row => {
    const before = sources.get(row.inference_profile_arn) ?? null;
    return { ...row, model_source: betterSource(row.model_source, before) };
  });
  return remember(former, { ...listing, rows }, row => row.inference_profile_arn, day);
}

/**
 * The rows of principals after a listing. Only those of which something is known have a row; one that has lost its last tag is still there,
 * and has none.
 */
export function rememberPrincipals(former: readonly PrincipalRow[], listing: Listing<PrincipalFacts>, day: string): PrincipalRow[] {
  const known = new Set(former.map(row => row.principal_arn));
  const rows = listing.rows.filter(row => saysAnything(row) || known.has(row.principal_arn));
  return remember(former, { ...listing, rows }, row => row.principal_arn, day);
}

/**
 * A profile has one source for life, but the system-defined profile that tells the way of its calls may be withdrawn: then the former
 * answer says more.
 */
function betterSource(now: string | null, before: string | null): string | null {
  return now === null || before?.endsWith(`.${now}`) === true ? before : now;
}
