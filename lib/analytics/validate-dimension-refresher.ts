import { type Duration, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { deployedWith } from '../private/outermost-stack';
import type { DimensionRefresherProps } from './dimension-refresher';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** As long as the function may run, so that a refresh ends before the next one starts. */
const SHORTEST_MINUTES = 15;

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html (read 2026-11-21) */
const PATH_PREFIX = /^\/([!-~]+\/)?$/;
const LONGEST_PREFIX = 512;

const PRINCIPAL_ARN = /^arn:[a-z0-9-]+:iam::(\d{12}):(?:role|user)(\/(?:.*\/)?)[^/]+$/;

/** Bytes of all environment variables of a function. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (read 2026-11-21) */
const LARGEST_ENVIRONMENT = 4_096;

/** What the names of the variables, the name of the bucket, account and Region take. */
const ENVIRONMENT_FRAME = 300;

/** Throws when the refresher could not work, or when something that was asked for could have no effect. */
export function validateDimensionRefresher(
  props: DimensionRefresherProps, scope: IConstruct, isRefresher: (construct: IConstruct) => boolean,
): void {
  throwProblems('InvalidDimensionRefresher', 'the dimension refresher', [
    ...deployedWith(scope, isRefresher).map(other =>
      `${other.node.path} lists the same profiles of the same account and Region from the same stack; keep one of the two`),
    ...scheduleProblems(props.schedule),
    ...unusedProblems(props),
    ...prefixProblems(props.principalPathPrefixes),
    ...declaringProblems(props, Stack.of(scope).account),
    ...sizeProblems(props),
  ], scope);
}

function scheduleProblems(schedule: Duration | undefined): string[] {
  if (schedule === undefined || schedule.isUnresolved()) return [];
  const milliseconds = schedule.toMilliseconds();
  return milliseconds % MINUTE === 0 && milliseconds >= SHORTEST_MINUTES * MINUTE && milliseconds <= DAY
    ? [] : [`schedule is ${schedule.toHumanString()}; give whole minutes, from ${SHORTEST_MINUTES} minutes to 1 day`];
}

function unusedProblems({ listPrincipals, principalPathPrefixes, declaresForOthers }: DimensionRefresherProps): string[] {
  if (listPrincipals !== false) return [];
  return Object.entries({ principalPathPrefixes, declaresForOthers }).filter(([, value]) => value !== undefined)
    .map(([name]) => `${name} is given while listPrincipals is false; give it to the refresher of the Region that lists the principals of the account`);
}

function prefixProblems(prefixes: string[] | undefined): string[] {
  if (prefixes === undefined || Token.isUnresolved(prefixes)) return [];
  if (prefixes.length === 0) return ['principalPathPrefixes is []; give a path, or leave it out for all principals'];
  return prefixes.flatMap((prefix, index) => [
    ...Token.isUnresolved(prefix) || (PATH_PREFIX.test(prefix) && prefix.length <= LONGEST_PREFIX) ? [] : [
      `principalPathPrefixes[${index}] is ${JSON.stringify(prefix)}; give a path of at most ${LONGEST_PREFIX} characters with a slash at both ends, such as /teams/`,
    ],
    ...prefixes.indexOf(prefix) === index ? [] : [`principalPathPrefixes has ${JSON.stringify(prefix)} twice; give it once`],
  ]);
}

function declaringProblems({ declaresForOthers = {}, schema, principalPathPrefixes = ['/'] }: DimensionRefresherProps, account: string): string[] {
  const names = schema.columns().map(column => column.name);
  return Object.entries(declaresForOthers).flatMap(([arn, keys]) => [
    ...arnProblems(arn, account, principalPathPrefixes),
    ...Token.isUnresolved(keys) || keys.length > 0 ? [] : [`declaresForOthers[${JSON.stringify(arn)}] is []; name its keys, or leave the principal out`],
    ...(Token.isUnresolved(keys) ? [] : keys).filter(key => !Token.isUnresolved(key) && !names.includes(key)).map(key =>
      `declaresForOthers[${JSON.stringify(arn)}] has ${JSON.stringify(key)}, which is no key in use of the schema; give one of ${names.join(', ')}`),
  ]);
}

function arnProblems(arn: string, account: string, prefixes: string[]): string[] {
  if (Token.isUnresolved(arn)) return [];
  const got = `declaresForOthers has ${JSON.stringify(arn)}`;
  const match = PRINCIPAL_ARN.exec(arn);
  if (match === null) return [`${got}; give the ARN of a role or user, such as arn:<partition>:iam::<account>:role/<name>`];
  const [, owner, path] = match;
  const isListed = Token.isUnresolved(prefixes) || prefixes.some(prefix => Token.isUnresolved(prefix) || path.startsWith(prefix));
  return [
    ...Token.isUnresolved(account) || owner === account ? [] : [
      `${got}, but the account is ${JSON.stringify(account)}; give it to the refresher of account ${JSON.stringify(owner)}`,
    ],
    ...isListed ? [] : [`${got}, which is below none of principalPathPrefixes, ${JSON.stringify(prefixes)}; add its path`],
  ];
}

/** Tokens count as long as they are written here, which is about as long as an ARN. */
function sizeProblems({ schema, declaresForOthers = {}, principalPathPrefixes = ['/'] }: DimensionRefresherProps): string[] {
  const columns = schema.columns();
  const parts = [
    columns.flatMap(column => column.resourceTags), columns.flatMap(column => column.principalTags), principalPathPrefixes,
    Object.entries(declaresForOthers).map(([arn, keys]) => ({ arn, keys })),
  ];
  const bytes = ENVIRONMENT_FRAME + parts.reduce((sum, part) => sum + Buffer.byteLength(JSON.stringify(part)), 0);
  return bytes <= LARGEST_ENVIRONMENT ? [] : [
    `the tag keys of the schema, principalPathPrefixes and declaresForOthers take ${bytes} bytes, but a function has room for ${LARGEST_ENVIRONMENT}; `
    + 'have gateways share a role, or give fewer paths',
  ];
}
