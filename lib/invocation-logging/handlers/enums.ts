/** What to do about a configuration that the stack did not make. */
export enum OnForeignConfiguration {
  /** Fail the deployment, showing both configurations, and touch nothing. */
  FAIL = 'fail',

  /** Leave it as it is, and only watch it. Where nothing is configured, ours is put. */
  ADOPT = 'adopt',

  /** Replace it; it is kept in an SSM parameter and put back when the stack goes. */
  OVERWRITE = 'overwrite',
}

/** What the drift guard does about a configuration that was changed or deleted. */
export enum OnDrift {
  /** Put it back, a limited number of times, and say so. */
  REPAIR = 'repair',

  /** Say so, and touch nothing. */
  ALARM = 'alarm',
}

/** What the service reports about the live configuration, as attributes of the custom resource. Empty texts stand for nothing. */
export enum LiveLoggingAttribute {
  /** Whether texts are stored, `true` or `false`. */
  TEXT_DATA_DELIVERY_ENABLED = 'TextDataDeliveryEnabled',

  /** Whether images are stored, `true` or `false`. */
  IMAGE_DATA_DELIVERY_ENABLED = 'ImageDataDeliveryEnabled',

  /** Whether embeddings are stored, `true` or `false`. */
  EMBEDDING_DATA_DELIVERY_ENABLED = 'EmbeddingDataDeliveryEnabled',

  /** Whether videos are stored, `true` or `false`. */
  VIDEO_DATA_DELIVERY_ENABLED = 'VideoDataDeliveryEnabled',

  /** Whether audio is stored, `true` or `false`. */
  AUDIO_DATA_DELIVERY_ENABLED = 'AudioDataDeliveryEnabled',

  /** The bucket that logs are delivered to. */
  BUCKET_NAME = 'BucketName',

  /** The log group that logs are delivered to. */
  LOG_GROUP_NAME = 'LogGroupName',

  /** The bucket that takes what is too large for the log group. */
  LARGE_DATA_BUCKET_NAME = 'LargeDataBucketName',

  /** The role that Bedrock assumes to write to the log group. */
  ROLE_ARN = 'RoleArn',

  /** The prefix of the objects in the bucket. */
  KEY_PREFIX = 'KeyPrefix',

  /** The prefix of the objects in the bucket for large data. */
  LARGE_DATA_KEY_PREFIX = 'LargeDataKeyPrefix',
}
