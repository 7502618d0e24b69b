import {
  type BedrockClient, type InferenceProfileSummary, type InferenceProfileType, ListInferenceProfilesCommand, ListTagsForResourceCommand,
  type Tag,
} from '@aws-sdk/client-bedrock';
import { profileSource } from '../../../price-book/profile-source';
import { call, isRefusedWith, type Patience } from '../../../private/handlers/calls.lambda-shared';
import type { Listing } from './history.lambda-shared';
import { ownTags } from './own-tags.lambda-shared';
import { allPages, askAboutEach } from './pages.lambda-shared';
import { RefreshError } from './refresh-error.lambda-shared';

/** A row of the table `inference_profiles`, but for its history. */
export interface ProfileFacts {
  readonly inference_profile_arn: string;
  /** What its calls are billed as; null for a project, which serves every model. */
  readonly model_source: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly name: string | null;
  readonly kind: 'profile' | 'project';
  readonly account_id: string;
  readonly region: string;
}

/** Where and what is listed. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** Tag keys that are written, in lower case. */
  readonly tagKeys: ReadonlySet<string>;
}

/** The most that the service puts on a page. @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html */
const PAGE_SIZE = 1000;

/**
 * The application inference profiles of an account and Region. System-defined ones are read, for what the others stand for, but get no row:
 * the id of a system-defined profile says all there is.
 */
export async function listProfiles(client: BedrockClient, place: Place, patience: Patience): Promise<Listing<ProfileFacts>> {
  const system = await listOfType(client, 'SYSTEM_DEFINED', patience);
  const profiles = await listOfType(client, 'APPLICATION', patience);
  const rows = await askAboutEach(profiles, profile => describe(client, profile, system, place, patience));
  return { rows: rows.flatMap(row => row ?? []), covers: row => row.kind === 'profile' };
}

function listOfType(client: BedrockClient, typeEquals: InferenceProfileType, patience: Patience): Promise<InferenceProfileSummary[]> {
  return allPages(async nextToken => {
    const page = await call('bedrock:ListInferenceProfiles', patience, () =>
      client.send(new ListInferenceProfilesCommand({ typeEquals, maxResults: PAGE_SIZE, nextToken })));
    return { entries: page.inferenceProfileSummaries ?? [], next: page.nextToken };
  });
}

/** Undefined for a profile that was deleted since it was listed. */
async function describe(
  client: BedrockClient, profile: InferenceProfileSummary, system: readonly InferenceProfileSummary[], place: Place, patience: Patience,
): Promise<ProfileFacts | undefined> {
  const arn = profile.inferenceProfileArn;
  if (arn === undefined) throw new RefreshError('bedrock:ListInferenceProfiles lists a profile without an ARN');
  const tags = await tagsOf(client, arn, patience);
  return tags && {
    inference_profile_arn: arn,
    model_source: profileSource(profile, system) ?? null,
    tags: ownTags(tags, place.tagKeys),
    name: profile.inferenceProfileName ?? null,
    kind: 'profile',
    account_id: place.account,
    region: place.region,
  };
}

async function tagsOf(client: BedrockClient, resourceARN: string, patience: Patience): Promise<Tag[] | undefined> {
  try {
    const { tags = [] } = await call('bedrock:ListTagsForResource', patience, () => client.send(new ListTagsForResourceCommand({ resourceARN })));
    return tags;
  } catch (error) {
    if (isRefusedWith(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}
