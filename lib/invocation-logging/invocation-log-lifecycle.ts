import { Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';

/** For how long a version that was overwritten or deleted can be brought back. */
const NONCURRENT_VERSIONS_KEPT = Duration.days(30);

/** After which time an upload that never ended is taken for abandoned. */
const INCOMPLETE_UPLOADS_KEPT = Duration.days(7);

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html (read 2026-11-21) */
const FEWEST_DAYS_BEFORE_INFREQUENT_ACCESS = 30;
const INFREQUENT_ACCESS = [s3.StorageClass.INFREQUENT_ACCESS, s3.StorageClass.ONE_ZONE_INFREQUENT_ACCESS].map(String);

/** What becomes of the objects of a bucket as they age. */
export interface ObjectAges {
  readonly objectExpiration?: Duration;
  readonly transitions?: s3.Transition[];
}

/**
 * The lifecycle rules of a bucket of logs, all in one: S3 refuses two rules that expire the same objects.
 *
 * An expiration in days removes the delete markers that it leaves behind; without one, they need to be asked for.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export function lifecycleRules(ages: ObjectAges, versioned: boolean): s3.LifecycleRule[] | undefined {
  const { objectExpiration, transitions = [] } = ages;
  if (objectExpiration === undefined && transitions.length === 0 && !versioned) return undefined;
  return [{
    id: 'BedrockInvocationLogs',
    expiration: objectExpiration,
    transitions: transitions.length === 0 ? undefined : transitions,
    ...!versioned ? {} : {
      noncurrentVersionExpiration: NONCURRENT_VERSIONS_KEPT,
      expiredObjectDeleteMarker: objectExpiration === undefined ? true : undefined,
      abortIncompleteMultipartUploadAfter: INCOMPLETE_UPLOADS_KEPT,
    },
  }];
}

/** What S3 would refuse about the ages, one sentence each. */
export function lifecycleProblems({ objectExpiration, transitions = [] }: ObjectAges): string[] {
  return [
    ...daysProblems('objectExpiration', objectExpiration, 1),
    ...transitions.flatMap((transition, index) => transitionProblems(transition, `transitions[${index}]`)),
    ...objectExpiration === undefined ? [] : transitions.flatMap((transition, index) =>
      expirationProblems(objectExpiration, transition, `transitions[${index}]`)),
  ];
}

function transitionProblems({ storageClass, transitionAfter, transitionDate }: s3.Transition, name: string): string[] {
  if (transitionAfter === undefined && transitionDate === undefined) {
    return [`${name} has neither transitionAfter nor transitionDate; give one of the two`];
  }
  if (transitionAfter !== undefined && transitionDate !== undefined) {
    return [`${name} has both transitionAfter and transitionDate; give one of the two`];
  }
  const isInfrequentAccess = INFREQUENT_ACCESS.includes(storageClass.toString());
  return daysProblems(`${name}.transitionAfter`, transitionAfter, isInfrequentAccess ? FEWEST_DAYS_BEFORE_INFREQUENT_ACCESS : 0);
}

function expirationProblems(expiration: Duration, { transitionAfter, transitionDate }: s3.Transition, name: string): string[] {
  if (transitionDate !== undefined) {
    return [`${name} has a transitionDate while objectExpiration counts days, and S3 takes one kind in a rule only; give transitionAfter instead`];
  }
  if (transitionAfter === undefined || transitionAfter.isUnresolved() || expiration.isUnresolved()) return [];
  return daysOf(expiration) > daysOf(transitionAfter) ? [] : [
    `objectExpiration is ${daysOf(expiration)} days and ${name} moves objects after ${daysOf(transitionAfter)} days; `
    + 'expiration has to be later than every transition, so lengthen the one or shorten the other',
  ];
}

function daysProblems(name: string, duration: Duration | undefined, fewest: number): string[] {
  if (duration === undefined || duration.isUnresolved()) return [];
  const days = daysOf(duration);
  if (!Number.isInteger(days)) return [`${name} is ${days} days; S3 counts whole days, so round it`];
  return days >= fewest ? [] : [`${name} is ${days} days; S3 takes ${fewest} or more here, so lengthen it`];
}

function daysOf(duration: Duration): number {
  return duration.toDays({ integral: false });
}
