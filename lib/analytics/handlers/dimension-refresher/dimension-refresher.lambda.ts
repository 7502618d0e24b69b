import { BedrockClient } from '@aws-sdk/client-bedrock';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import type { Patience } from '../../../private/handlers/calls.lambda-shared';
import { messageOf } from '../../../private/handlers/passing-errors.lambda-shared';
import { CLIENT_OPTIONS, logLine, REAL_TIME } from '../../../private/handlers/real-world.lambda-shared';
import type { Timing } from '../../../private/handlers/retry.lambda-shared';
import { principalsKey, profilesKey, REFRESHER_PATIENCE_SECONDS, REFRESHER_VARIABLES } from './constants';
import { changeFile } from './dimension-file.lambda-shared';
import type { Listing } from './history.lambda-shared';
import { listPrincipals, type PrincipalFacts } from './list-principals.lambda-shared';
import { listProfiles, type ProfileFacts } from './list-profiles.lambda-shared';
import { listProjects, mantleReader, type ReadProjects } from './list-projects.lambda-shared';
import { RefreshError } from './refresh-error.lambda-shared';
import { parseSettings } from './settings.lambda-shared';
import { type PrincipalRow, type ProfileRow, rememberPrincipals, rememberProfiles } from './tables.lambda-shared';

/** The world around the dimension refresher. */
export interface DimensionRefresherWorld {
  readonly bedrock: BedrockClient;
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly readProjects: ReadProjects;
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  readonly log: (entry: object) => void;
}

/** What a refresh is of: some of it may fail while the rest is written. */
type Part = 'profiles' | 'projects' | 'principals';

/** Makes the handler of the dimension refresher for the world that it is to look at. */
export function createDimensionRefresher(world: DimensionRefresherWorld): () => Promise<void> {
  const { timing, log, s3 } = world;
  const settings = parseSettings(world.variables);
  const { bucket, account, region } = settings;

  return async () => {
    const patience: Patience = { timing, deadline: timing.now() + REFRESHER_PATIENCE_SECONDS * 1000 };
    const day = new Date(timing.now()).toISOString().slice(0, 10);
    const problems: string[] = [];
    const attempt = async (part: Part, refresh: () => Promise<object>): Promise<void> => {
      try {
        log({ message: 'refreshed', part, ...await refresh() });
      } catch (error) {
        log({ message: 'not refreshed', part, error: messageOf(error) });
        problems.push(`${part}: ${messageOf(error)}`);
      }
    };
    const keepProfiles = async (listing: Listing<ProfileFacts>): Promise<object> => {
      const file = { bucket, key: profilesKey(account, region), arnColumn: 'inference_profile_arn' };
      const written = await changeFile<ProfileRow>(s3, file, patience, former => rememberProfiles(former, listing, day));
      return { key: file.key, listed: listing.rows.length, written };
    };
    const keepPrincipals = async (listing: Listing<PrincipalFacts>): Promise<object> => {
      const file = { bucket, key: principalsKey(account), arnColumn: 'principal_arn' };
      const written = await changeFile<PrincipalRow>(s3, file, patience, former => rememberPrincipals(former, listing, day));
      return { key: file.key, listed: listing.rows.length, written };
    };

    const place = { account, region, tagKeys: settings.resourceTagKeys };
    await attempt('profiles', async () => keepProfiles(await listProfiles(world.bedrock, place, patience)));
    if (settings.listProjects) {
      await attempt('projects', async () => keepProfiles(await listProjects(world.readProjects, place, patience)));
    }
    const { principals } = settings;
    if (principals !== undefined) {
      await attempt('principals', async () => keepPrincipals(await listPrincipals(world.iam, principals, patience)));
    }
    if (problems.length > 0) throw new RefreshError(problems.join('; '));
  };
}

/** Address of the mantle endpoint of a Region. @see https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html */
export function mantleEndpoint(region: string): string {
  return `https://bedrock-mantle.${region}.api.aws`;
}

/** The entry point of the Lambda function. */
export const handler = createDimensionRefresher({
  bedrock: new BedrockClient(CLIENT_OPTIONS),
  iam: new IAMClient(CLIENT_OPTIONS),
  // the ledger may be in another Region
  s3: new S3Client({ ...CLIENT_OPTIONS, followRegionRedirects: true }),
  readProjects: mantleReader(new BedrockClient(CLIENT_OPTIONS), mantleEndpoint(process.env[REFRESHER_VARIABLES.region] ?? '')),
  variables: process.env,
  timing: REAL_TIME,
  log: logLine,
});
