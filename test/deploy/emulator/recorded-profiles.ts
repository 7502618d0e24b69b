import type { Recorded } from './local-aws';

const TYPE = 'AWS::Bedrock::ApplicationInferenceProfile';
const SYSTEM_DEFINED = /:inference-profile\/([a-z-]+)\.(.+)$/;

/** The Regions that a system-defined profile routes to: two are enough to tell it from a model. */
const REGIONS_OF: Readonly<Record<string, readonly string[]>> = {
  us: ['us-east-1', 'us-west-2'],
  eu: ['eu-west-1', 'eu-central-1'],
  // one of its models has no Region
  global: ['us-east-1', ''],
};

interface Properties {
  readonly InferenceProfileName: string;
  readonly ModelSource: { readonly CopyFrom: string };
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** A request to Bedrock. */
export interface BedrockRequest {
  readonly method: string;
  readonly url: URL;
  /** The Region for which it is signed. */
  readonly region: string;
  /** The body. */
  readonly text: string;
}

/**
 * Lists the inference profiles that CloudFormation was asked to make, and their tags, as Bedrock would; undefined for other requests.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListTagsForResource.html
 */
export function listRecordedProfiles(recorded: readonly Recorded[], { method, url, region, text }: BedrockRequest): object | undefined {
  const gone = new Set(recorded.filter(({ operation }) => operation === 'delete').map(({ id }) => id));
  const profiles = new Map(recorded.filter(({ type, id }) => type === TYPE && id.split(':')[3] === region && !gone.has(id))
    .map(({ id, properties }) => [id, properties as unknown as Properties]));
  if (method === 'GET' && url.pathname === '/inference-profiles') {
    const summaries = url.searchParams.get('type') === 'APPLICATION'
      ? [...profiles].map(([arn, { InferenceProfileName, ModelSource }]) => summary('APPLICATION', arn, InferenceProfileName, ModelSource.CopyFrom))
      : [...new Set([...profiles.values()].map(({ ModelSource }) => ModelSource.CopyFrom))].filter(arn => SYSTEM_DEFINED.test(arn))
        .map(arn => summary('SYSTEM_DEFINED', arn, arn.split('/')[1], arn));
    return { inferenceProfileSummaries: summaries };
  }
  if (method === 'POST' && url.pathname === '/listTagsForResource') {
    const { Tags = [] } = profiles.get((JSON.parse(text) as { resourceARN: string }).resourceARN) ?? {};
    return { tags: Tags.map(({ Key, Value }) => ({ key: Key, value: Value })) };
  }
  return undefined;
}

function summary(type: string, arn: string, name: string, source: string): object {
  const found = SYSTEM_DEFINED.exec(source);
  const models = found === null ? [source] : REGIONS_OF[found[1]].map(region => `arn:aws:bedrock:${region}::foundation-model/${found[2]}`);
  return {
    inferenceProfileArn: arn, inferenceProfileId: arn.split('/')[1], inferenceProfileName: name, status: 'ACTIVE', type,
    models: models.map(modelArn => ({ modelArn })),
  };
}
