import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { modelBehind, namesGeography } from './model-id';

/**
 * An application inference profile, as `ApplicationInferenceProfile` of the construct library publishes it.
 */
export interface InferenceProfileEntry {
  /** ARN of the profile. It tells the Region in which the profile can be called. */
  readonly inferenceProfileArn: string;

  /** What the profile was copied from: id of a model, or of a system-defined profile such as `eu.amazon.nova-lite-v1:0`. */
  readonly sourceId: string;

  /**
   * Id of the model behind it; `*` where it is not known.
   *
   * @default - `sourceId` without its geography
   */
  readonly modelId?: string;
}

/** An entry, and where it was found. */
export interface FoundEntry {
  /** As a reader of an error would write it, such as `profiles[2]`. */
  readonly path: string;
  readonly entry: unknown;
}

/** An entry that can be called by. */
export interface KnownProfile extends Required<InferenceProfileEntry> {
  readonly region: string;
}

const PROFILE_ARN = /^arn:[a-z0-9-]+:bedrock:([a-z0-9-]+):\d{12}:application-inference-profile\/[a-zA-Z0-9]+$/;
const ID = /^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+(:[a-zA-Z0-9.]+)*$/;
const UNKNOWN_MODEL = '*';

/** The profiles of a list, and everything that is wrong with it. */
export function readEntries(found: readonly FoundEntry[]): { profiles: KnownProfile[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const profiles: KnownProfile[] = [];
  const holders = new Map<string, string>();
  for (const { path, entry } of found) {
    const { profile, problems: own } = readEntry(path, entry);
    problems.push(...own);
    if (profile === undefined) continue;
    const place = `${profile.region} ${profile.sourceId}`;
    const holder = holders.get(place);
    if (holder === undefined) {
      holders.set(place, path);
      profiles.push(profile);
    } else {
      problems.push(newProblem({
        code: 'duplicateProfile',
        path: `${path}.sourceId`,
        got: profile.sourceId,
        allowed: `one profile of a source in ${profile.region}, which ${holder} is`,
        remedy: 'leave one of the two out',
      }));
    }
  }
  return { profiles, problems };
}

function readEntry(path: string, entry: unknown): { profile?: KnownProfile; problems: Problem[] } {
  if (typeof entry !== 'object' || entry === null) {
    const allowed = 'an object with inferenceProfileArn, sourceId and modelId';
    return { problems: [newProblem({ code: 'profile', path, got: entry, allowed, remedy: 'take what the construct publishes' })] };
  }
  const { inferenceProfileArn, sourceId, modelId = UNKNOWN_MODEL } = entry as Record<string, unknown>;
  const problems = [
    ...arnProblems(`${path}.inferenceProfileArn`, inferenceProfileArn),
    ...sourceProblems(`${path}.sourceId`, sourceId),
    ...modelProblems(`${path}.modelId`, modelId, sourceId),
  ];
  if (problems.length > 0) return { problems };
  const [arn, source, model] = [inferenceProfileArn, sourceId, modelId] as [string, string, string];
  const region = PROFILE_ARN.exec(arn)?.[1] ?? '';
  const known = model === UNKNOWN_MODEL ? modelBehind(source) : model;
  return { profile: { inferenceProfileArn: arn, sourceId: source, modelId: known, region }, problems };
}

function arnProblems(path: string, arn: unknown): Problem[] {
  if (typeof arn === 'string' && PROFILE_ARN.test(arn)) return [];
  const kind = typeof arn === 'string' ? /^arn:[^:]*:bedrock:[^:]*:[^:]*:([a-z-]+)\//.exec(arn)?.[1] : undefined;
  const isOther = kind !== undefined && kind !== 'application-inference-profile';
  return [newProblem({
    code: 'profileArn',
    path,
    got: arn,
    allowed: 'arn:<partition>:bedrock:<region>:<account>:application-inference-profile/<id>',
    remedy: isOther ? `give an application inference profile, which this ${kind} is not` : 'correct the ARN',
  })];
}

function sourceProblems(path: string, sourceId: unknown): Problem[] {
  if (typeof sourceId === 'string' && ID.test(sourceId)) return [];
  const allowed = 'the id of a model or of a system-defined profile, such as eu.amazon.nova-lite-v1:0';
  const isArn = typeof sourceId === 'string' && sourceId.startsWith('arn:');
  return [newProblem({ code: 'profileSource', path, got: sourceId, allowed, remedy: isArn ? 'give the end of the ARN' : 'correct the id' })];
}

/** A model that names another geography than the source would lead calls of that geography astray. */
function modelProblems(path: string, modelId: unknown, sourceId: unknown): Problem[] {
  if (modelId === UNKNOWN_MODEL) return [];
  const isModel = typeof modelId === 'string' && ID.test(modelId) && (modelId === sourceId || !namesGeography(modelId));
  if (isModel) return [];
  const allowed = 'the id of a model, such as amazon.nova-lite-v1:0, or * where it is not known';
  return [newProblem({ code: 'profileModel', path, got: modelId, allowed, remedy: 'give the model behind sourceId, or leave modelId out' })];
}
