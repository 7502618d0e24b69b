import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import type { KnownProfile } from './inference-profile-entry';
import { modelBehind } from './model-id';

/** So many ids are written into a message at most. */
const MOST_IDS = 10;

/** A call for which there is no profile. */
export interface BareCall {
  /** What the caller gave. */
  readonly given: string;
  /** Id of the model or system-defined profile. */
  readonly id: string;
  /** Region of the call, where it is known. */
  readonly region?: string;
  /** All profiles that the call could go to in its Region. */
  readonly here: readonly KnownProfile[];
  /** Other Regions in which there is a profile for this id. */
  readonly elsewhere: readonly string[];
}

/** Why a call has no profile, and what to do about it. */
export function bareModel({ given, id, region, here, elsewhere }: BareCall): Problem {
  const place = region ?? 'any Region';
  const related = here.filter(({ modelId, sourceId }) => sourceId !== id && (modelId === id || modelId === modelBehind(id)));
  const remedies = [
    ...related.length > 0 ? [`name ${list(related.map(({ sourceId }) => sourceId))} if it may run there, which is never chosen for you`] : [],
    ...elsewhere.length > 0 ? [`call it in ${list(elsewhere)}, where there is one`] : [],
    `make an ApplicationInferenceProfile of it in ${region ?? 'the Region of the call'}`,
  ];
  return newProblem({
    code: 'bareModel',
    path: 'modelId',
    got: given,
    allowed: `a model of which the service has an application inference profile in ${place} (${here.length === 0 ? 'none' : list(ids(here))}): `
      + 'IAM denies models that are called in any other way, since no tag of a profile would attribute the call',
    remedy: remedies.join(', or '),
  });
}

/** Why one of several profiles cannot be chosen. */
export function ambiguousModel(given: string, candidates: readonly KnownProfile[], region: string | undefined): Problem {
  return newProblem({
    code: 'ambiguousModel',
    path: 'modelId',
    got: given,
    allowed: `what only one application inference profile is for, and not ${candidates.length}: ${list(candidates.map(profile => `${profile.sourceId} in ${profile.region}`))}`,
    remedy: region === undefined ? 'give the client a Region, or call a profile by its ARN' : 'name the system-defined profile, or call a profile by its ARN',
  });
}

/** Why an ARN cannot be called from another Region. */
export function otherRegion(given: string, region: string, id: string): Problem {
  return newProblem({
    code: 'otherRegion',
    path: 'modelId',
    got: given,
    allowed: `an ARN of ${region}, where the call is made`,
    remedy: `name ${id} without a Region, or call it with a client of the Region of the ARN`,
  });
}

function ids(profiles: readonly KnownProfile[]): string[] {
  return [...new Set(profiles.map(({ sourceId }) => sourceId))].sort();
}

function list(texts: readonly string[]): string {
  const more = texts.length - MOST_IDS;
  return [...texts.slice(0, MOST_IDS), ...more > 0 ? [`${more} more`] : []].join(', ');
}
