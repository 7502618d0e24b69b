import { type LoggingConfiguration } from './constants';
import { LiveLoggingAttribute } from './enums';

/**
 * What the service reports, as attributes of the custom resource.
 *
 * The longest come last: they are left out where the answer to CloudFormation would be too long.
 */
export function liveAttributes(live: object | undefined): Record<LiveLoggingAttribute, string> {
  const { s3Config, cloudWatchConfig, ...flags }: Partial<LoggingConfiguration> = live ?? {};
  const large = cloudWatchConfig?.largeDataDeliveryS3Config;
  return {
    [LiveLoggingAttribute.TEXT_DATA_DELIVERY_ENABLED]: flagText(flags.textDataDeliveryEnabled),
    [LiveLoggingAttribute.IMAGE_DATA_DELIVERY_ENABLED]: flagText(flags.imageDataDeliveryEnabled),
    [LiveLoggingAttribute.EMBEDDING_DATA_DELIVERY_ENABLED]: flagText(flags.embeddingDataDeliveryEnabled),
    [LiveLoggingAttribute.VIDEO_DATA_DELIVERY_ENABLED]: flagText(flags.videoDataDeliveryEnabled),
    [LiveLoggingAttribute.AUDIO_DATA_DELIVERY_ENABLED]: flagText(flags.audioDataDeliveryEnabled),
    [LiveLoggingAttribute.BUCKET_NAME]: s3Config?.bucketName ?? '',
    [LiveLoggingAttribute.LOG_GROUP_NAME]: cloudWatchConfig?.logGroupName ?? '',
    [LiveLoggingAttribute.LARGE_DATA_BUCKET_NAME]: large?.bucketName ?? '',
    [LiveLoggingAttribute.ROLE_ARN]: cloudWatchConfig?.roleArn ?? '',
    [LiveLoggingAttribute.KEY_PREFIX]: s3Config?.keyPrefix ?? '',
    [LiveLoggingAttribute.LARGE_DATA_KEY_PREFIX]: large?.keyPrefix ?? '',
  };
}

/** Nothing is said where the service says nothing: what it does then is not documented. */
function flagText(flag: boolean | undefined): string {
  return flag === undefined ? '' : String(flag);
}
