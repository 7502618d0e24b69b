import { type Command, InvalidArgumentError } from 'commander';
import type { AthenaSettings } from '../engine/athena-engine';
import { UsageError } from '../usage-error';

/** The options of `report` and `query` that choose the deployed engine, as commander gives them. */
export interface RawAthenaOptions {
  readonly athena?: true;
  readonly workgroup?: string;
  readonly database?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly reuseMinutes?: number;
}

/** Names that a deployment has unless it asks for others. */
const ATHENA_DEFAULTS = { workgroup: 'bedrock-cost-attribution', database: 'bedrock_cost_attribution' } as const;

/** Options that say where Athena is asked, and how. */
const ATHENA_ONLY = ['workgroup', 'database', 'region', 'profile', 'reuseMinutes'] as const;

/** What the deployed views have decided already. */
const EMBEDDED_ONLY = ['logs', 'bill', 'prices', 'profiles', 'principals', 'cost', 'attributionOrder', 'asOf', 'settlementHours'] as const;

/** @see https://docs.aws.amazon.com/athena/latest/APIReference/API_ResultReuseByAgeConfiguration.html */
const MOST_REUSE_MINUTES = 10_080;

/** Adds the options that choose the deployed engine. */
export function addAthenaOptions(command: Command): Command {
  return command
    .option('--athena', 'ask the deployed views in Amazon Athena instead of files')
    .option('--workgroup <name>', `workgroup of Athena (default: ${ATHENA_DEFAULTS.workgroup})`)
    .option('--database <name>', `Glue database that holds the views (default: ${ATHENA_DEFAULTS.database})`)
    .option('--region <region>', 'Region of the workgroup (default: that of the AWS profile or the environment)')
    .option('--profile <name>', 'AWS profile to sign in with')
    .option('--reuse-minutes <n>', 'take results of the same query that are at most this old (default: none)', parseMinutes);
}

/**
 * Where Athena is asked; `undefined` when it is not.
 *
 * @throws UsageError when an option goes with the other engine only
 */
export function athenaSettings(raw: RawAthenaOptions, command: Command): AthenaSettings | undefined {
  const misplaced = (raw.athena ? EMBEDDED_ONLY : ATHENA_ONLY).filter(name => command.getOptionValueSource(name) === 'cli')
    .map(name => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`);
  if (misplaced.length > 0) {
    throw new UsageError(raw.athena
      ? `${misplaced.join(', ')} cannot be given with --athena: the deployed tables and views have decided that`
      : `${misplaced.join(', ')} can only be given with --athena`);
  }
  if (!raw.athena) return undefined;
  const { workgroup = ATHENA_DEFAULTS.workgroup, database = ATHENA_DEFAULTS.database, region, profile, reuseMinutes } = raw;
  return { workgroup, database, region, profile, reuseMinutes };
}

function parseMinutes(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > MOST_REUSE_MINUTES) throw new InvalidArgumentError(`give whole minutes, at most ${MOST_REUSE_MINUTES}.`);
  return Number(text);
}
