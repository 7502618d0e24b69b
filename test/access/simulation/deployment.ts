import { synthesizeApp } from '../../support/synthesize-app';
import { authorization, type Authorization, type Call, type Context, requestTags } from './contexts';
import { ACCOUNT, iam, REGION, type Tags } from './places';
import { tagsOf } from './principals';

interface Resource {
  readonly logicalId: string;
  readonly tags: Tags;
  readonly properties: Readonly<Record<string, unknown>>;
}

const global = (service: string, resource: string): string => `arn:aws:${service}::${ACCOUNT}:${resource}`;

const regional = (service: string, resource: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** One authorization for each action. */
const each = (actions: readonly string[], resource: string, context?: Context): Authorization[] => (
  actions.map(action => authorization(action, resource, context))
);

/**
 * What CloudFormation is authorized for when it makes a resource of a type: what the handler of the type calls, with the tags of the
 * resource. Whoever adds a type to the reference app says here what making it takes.
 */
const CREATIONS: Readonly<Record<string, (resource: Resource) => Authorization[]>> = {
  'AWS::Bedrock::ApplicationInferenceProfile': ({ logicalId, tags, properties }) => {
    const made = regional('bedrock', `application-inference-profile/${logicalId.toLowerCase()}`);
    const { CopyFrom } = properties.ModelSource as { CopyFrom: unknown };
    return [
      ...[made, flatten(CopyFrom)].map(arn => authorization('bedrock:CreateInferenceProfile', arn, requestTags(tags))),
      authorization('bedrock:TagResource', made, requestTags(tags)),
      authorization('bedrock:GetInferenceProfile', made),
    ];
  },
  'AWS::BedrockMantle::Project': ({ logicalId, tags }) => (
    each(['bedrock-mantle:CreateProject', 'bedrock-mantle:TagResource'], regional('bedrock-mantle', `project/proj_${logicalId}`), requestTags(tags))
  ),
  'AWS::Budgets::Budget': ({ logicalId }) => each(['budgets:ModifyBudget'], global('budgets', `budget/${logicalId}`)),
  'AWS::Budgets::BudgetsAction': ({ logicalId }) => [
    ...each(['budgets:CreateBudgetAction'], global('budgets', `budget/${logicalId}/action/${logicalId}`)),
    ...each(['iam:PassRole'], iam(`role/${logicalId}`)),
  ],
  'AWS::CloudWatch::Alarm': ({ logicalId }) => each(['cloudwatch:PutMetricAlarm'], regional('cloudwatch', `alarm:${logicalId}`)),
  'AWS::CloudWatch::CompositeAlarm': ({ logicalId }) => each(['cloudwatch:PutCompositeAlarm'], regional('cloudwatch', `alarm:${logicalId}`)),
  'AWS::CloudWatch::Dashboard': ({ logicalId }) => each(['cloudwatch:PutDashboard'], global('cloudwatch', `dashboard/${logicalId}`)),
  'AWS::Events::Rule': ({ logicalId }) => each(['events:PutRule', 'events:PutTargets'], regional('events', `rule/${logicalId}`)),
  'AWS::IAM::ManagedPolicy': ({ logicalId }) => each(['iam:CreatePolicy'], iam(`policy/${logicalId}`)),
  'AWS::IAM::Policy': ({ logicalId }) => each(['iam:PutRolePolicy'], iam(`role/${logicalId}`)),
  'AWS::IAM::Role': ({ logicalId, tags }) => [
    ...each(['iam:CreateRole', ...Object.keys(tags).length === 0 ? [] : ['iam:TagRole']], iam(`role/${logicalId}`), requestTags(tags)),
    ...each(['iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:PassRole'], iam(`role/${logicalId}`)),
  ],
  'AWS::Lambda::EventInvokeConfig': ({ logicalId }) => each(['lambda:PutFunctionEventInvokeConfig'], regional('lambda', `function:${logicalId}`)),
  'AWS::Lambda::Function': ({ logicalId }) => each(['lambda:CreateFunction'], regional('lambda', `function:${logicalId}`)),
  'AWS::Lambda::Permission': ({ logicalId }) => each(['lambda:AddPermission'], regional('lambda', `function:${logicalId}`)),
  'AWS::Logs::LogGroup': ({ logicalId }) => each(['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], regional('logs', `log-group:${logicalId}`)),
  'AWS::Logs::QueryDefinition': () => each(['logs:PutQueryDefinition'], '*'),
  'AWS::S3::Bucket': ({ logicalId }) => each(['s3:CreateBucket', 's3:PutEncryptionConfiguration'], `arn:aws:s3:::${logicalId.toLowerCase()}`),
  'AWS::S3::BucketPolicy': ({ logicalId }) => each(['s3:PutBucketPolicy'], `arn:aws:s3:::${logicalId.toLowerCase()}`),
  'AWS::SNS::Subscription': ({ logicalId }) => each(['sns:Subscribe'], regional('sns', logicalId)),
  'AWS::SNS::Topic': ({ logicalId }) => each(['sns:CreateTopic'], regional('sns', logicalId)),
  'AWS::SNS::TopicPolicy': ({ logicalId }) => each(['sns:SetTopicAttributes'], regional('sns', logicalId)),
  'AWS::SQS::Queue': ({ logicalId }) => each(['sqs:CreateQueue'], regional('sqs', logicalId)),
  'AWS::SQS::QueuePolicy': ({ logicalId }) => each(['sqs:SetQueueAttributes'], regional('sqs', logicalId)),
  'AWS::SSM::Parameter': ({ logicalId }) => each(['ssm:PutParameter'], regional('ssm', `parameter/${logicalId}`)),
  'Custom::BedrockInvocationLogging': ({ logicalId }) => each(['lambda:InvokeFunction'], regional('lambda', `function:${logicalId}`)),
};

/** What a call of the matrix is called that makes all resources of a type. */
export type Deployment = `deploy ${string}`;

let made: Record<Deployment, Call> | undefined;

/** For each type of the stacks that the reference app has in a workload account, what CloudFormation does to make all resources of it. */
export function deployments(): Record<Deployment, Call> {
  made ??= makeDeployments();
  return made;
}

function makeDeployments(): Record<Deployment, Call> {
  const calls: Record<Deployment, Authorization[]> = {};
  for (const [name, text] of synthesizeApp()) {
    if (!new RegExp(`^BedrockCost(Workload|ServiceLimits)-${ACCOUNT}-.*\\.template\\.json$`).test(name)) continue;
    const { Resources } = JSON.parse(text) as { Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }> };
    for (const [logicalId, { Type, Properties = {} }] of Object.entries(Resources)) {
      const create = CREATIONS[Type] as typeof CREATIONS[string] | undefined;
      if (create === undefined) throw new RangeError(`the reference app makes ${Type}: say in deployment.ts what making it is authorized as`);
      (calls[`deploy ${Type}`] ??= []).push(...create({ logicalId, tags: tagsOf(Properties), properties: Properties }));
    }
  }
  return Object.fromEntries(Object.entries(calls).map(([name, authorizations]) => {
    const type = name.replace('deploy ', '');
    const source = type.startsWith('Custom::')
      ? 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html'
      : `https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-${type.split('::').slice(1).join('-').toLowerCase()}.html`;
    return [name, { source, authorizations: distinct(authorizations) }];
  }));
}

function distinct(authorizations: readonly Authorization[]): Authorization[] {
  return [...new Map(authorizations.map(one => [JSON.stringify(one), one])).values()];
}

/** A text whose references are put together with it. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref } = value as { 'Fn::Join'?: [string, unknown[]]; 'Ref'?: string };
  if (join !== undefined) return join[1].map(flatten).join(join[0]);
  return Ref === 'AWS::Partition' ? 'aws' : String(Ref);
}
