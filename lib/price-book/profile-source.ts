/** What the service lists of an inference profile, as far as it tells what the profile stands for. */
export interface ListedProfile {
  readonly inferenceProfileId?: string;
  readonly type?: string;
  readonly models?: readonly { readonly modelArn?: string }[];
}

/**
 * What calls of a profile are billed as: the id of a model, or that of the system-defined profile that spreads them over Regions.
 *
 * The service lists the models that a profile leads to, and not what it was made from. A leg without a Region is that of a global profile.
 * For legs in several Regions, the system-defined profile of the same model that leads to all of them is looked for; where none does, or it
 * cannot be told which, the model stands alone.
 *
 * @param systemProfiles the system-defined profiles of the Region
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
export function profileSource(profile: ListedProfile, systemProfiles: readonly ListedProfile[] = []): string | undefined {
  if (profile.type === 'SYSTEM_DEFINED') return profile.inferenceProfileId;
  const legs = legsOf(profile);
  const model = legs[0]?.split('/').pop();
  if (model === undefined) return undefined;
  if (legs.some(isGlobal)) return `global.${model}`;
  if (legs.length === 1) return model;
  return spreadingProfile(legs, systemProfiles)?.inferenceProfileId ?? model;
}

/** The one profile with these legs; if none has exactly these, the one that has them among others, since AWS adds Regions over time. */
function spreadingProfile(legs: readonly string[], systemProfiles: readonly ListedProfile[]): ListedProfile | undefined {
  const candidates = systemProfiles.filter(profile => {
    const theirs = legsOf(profile);
    return !theirs.some(isGlobal) && legs.every(leg => theirs.includes(leg));
  });
  const exact = candidates.filter(profile => legsOf(profile).length === legs.length);
  const [best, ...others] = exact.length > 0 ? exact : candidates;
  return others.length === 0 ? best : undefined;
}

function legsOf(profile: ListedProfile): string[] {
  return (profile.models ?? []).flatMap(({ modelArn }) => modelArn ?? []);
}

function isGlobal(modelArn: string): boolean {
  return modelArn.split(':')[3] === '';
}
