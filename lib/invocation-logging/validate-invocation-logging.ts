import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { samePlaceProblems } from '../private/same-place';
import type { DeliveryFlags } from './handlers/constants';
import { InvocationLogDestination } from './invocation-log-destination';
import type { InvocationLoggingInRegionsProps, InvocationLoggingOptions, InvocationLoggingProps } from './invocation-logging';

/** A kind of content that can be stored. */
interface Payload {
  readonly flag: keyof DeliveryFlags;
  readonly id: string;
  readonly stored: string;
}

const PAYLOADS: Payload[] = [
  { flag: 'textDataDeliveryEnabled', id: 'payloadStoredText', stored: 'the prompts and completions' },
  { flag: 'imageDataDeliveryEnabled', id: 'payloadStoredImage', stored: 'the images given and made' },
  { flag: 'embeddingDataDeliveryEnabled', id: 'payloadStoredEmbedding', stored: 'the embeddings and their source texts' },
  { flag: 'videoDataDeliveryEnabled', id: 'payloadStoredVideo', stored: 'the videos given and made' },
  { flag: 'audioDataDeliveryEnabled', id: 'payloadStoredAudio', stored: 'the audio given and made' },
];

/** All five switches, those that nobody asked for off. */
export function deliveryFlags(options: InvocationLoggingOptions): DeliveryFlags {
  return {
    textDataDeliveryEnabled: options.textDataDeliveryEnabled ?? false,
    imageDataDeliveryEnabled: options.imageDataDeliveryEnabled ?? false,
    embeddingDataDeliveryEnabled: options.embeddingDataDeliveryEnabled ?? false,
    videoDataDeliveryEnabled: options.videoDataDeliveryEnabled ?? false,
    audioDataDeliveryEnabled: options.audioDataDeliveryEnabled ?? false,
  };
}

/** What is said of every kind of content that will be stored. */
export function payloadSentences(flags: DeliveryFlags): { readonly id: string; readonly sentence: string }[] {
  return PAYLOADS.filter(({ flag }) => flags[flag]).map(({ flag, id, stored }) => ({
    id,
    sentence: `${flag} is true: ${stored} of every call in this account and Region will be stored in the invocation logs. `
      + 'Attribution of cost does not need them; remove the property, or acknowledge this warning if they are wanted',
  }));
}

const STORE_ADVICE = 'Bedrock delivers only within an account and Region, so put the store in the same';

/** What is wrong with the properties, one sentence each. */
export function invocationLoggingProblems(props: InvocationLoggingProps, logging: IConstruct): string[] {
  const { store } = props;
  return [
    ...store === undefined ? [] : samePlaceProblems('the store', store, 'the logging', logging, STORE_ADVICE),
    ...store?.largeDataStore === undefined ? [] : samePlaceProblems('the store for large data', store.largeDataStore, 'the logging', logging, STORE_ADVICE),
    ...archiveProblems(props),
  ];
}

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/** What is wrong with the properties of `InvocationLogging.inRegions()`, one sentence each. */
export function inRegionsProblems({ regions, account, bucketNamePrefix, destinations }: InvocationLoggingInRegionsProps): string[] {
  const twice = regions.filter((region, index) => regions.indexOf(region) !== index);
  return [
    ...regions.length > 0 ? [] : ['regions is [], so nothing would be logged; name the Regions in which calls are made'],
    ...regions.filter(region => Token.isUnresolved(region)).map(() => 'a Region is a token, but a stack for each Region needs its name; write it out'),
    ...regions.filter(region => !Token.isUnresolved(region) && !REGION.test(region)).map(region =>
      `regions has ${JSON.stringify(region)}; give the code of a Region, such as us-east-1`),
    ...account === undefined || Token.isUnresolved(account) || ACCOUNT.test(account) ? [] : [
      `account is ${JSON.stringify(account)}; give its 12 digits`,
    ],
    ...bucketNamePrefix === undefined || (destinations?.includes(InvocationLogDestination.S3) ?? true) ? [] : [
      `bucketNamePrefix is ${JSON.stringify(bucketNamePrefix)} but destinations lacks S3; add S3 or remove bucketNamePrefix`,
    ],
    ...twice.map(region => `regions names ${JSON.stringify(region)} twice, and a Region has one configuration only; name it once`),
    ...bucketNamePrefix === undefined || account !== undefined ? [] : [
      `bucketNamePrefix is ${JSON.stringify(bucketNamePrefix)} without account, which is part of the names; give the account too`,
    ],
  ];
}

function archiveProblems(props: InvocationLoggingProps): string[] {
  const archive = props.store?.archive ?? props.store?.largeDataStore?.archive;
  if (archive === undefined || props.archivePayloads === true) return [];
  const flags = deliveryFlags(props);
  const stored = PAYLOADS.filter(({ flag }) => flags[flag]);
  if (stored.length === 0) return [];
  return [
    `${stored.map(({ flag }) => flag).join(', ')} ${stored.length === 1 ? 'is' : 'are'} true and the store has an archive: `
    + `${stored.map(payload => payload.stored).join(', ')} would be copied there too, because replication cannot leave them out; `
    + 'set archivePayloads: true if they may leave this account and Region, or remove one of the two',
  ];
}
