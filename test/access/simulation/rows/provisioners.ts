import { decide, type Row } from './row';

/** Whoever deploys, under each document that knows provisioners. */
const SCENARIOS = ['policy, principalTag', 'policy, profile', 'policy, both', 'SCP', 'SCP, both'] as const;

const OTHERS = 'a provisioner writes tags for others';

export const PROVISIONERS: readonly Row[] = decide(SCENARIOS, [
  ['CreateInferenceProfile, own tags', '+ + + + +', OTHERS],
  ['CreateInferenceProfile, another team', '+ + + + +', OTHERS],
  ['CreateInferenceProfile, another service', '+ + + + +', OTHERS],
  ['CreateInferenceProfile, another stage', '+ + + + +', OTHERS],
  ['CreateInferenceProfile, own tags, tagging authorized', '+ + + + +', OTHERS],
  ['CreateInferenceProfile of a geo profile, own tags', '+ + + + +', OTHERS],
  ['CreateInferenceProfile, no tags', '- - - - -', 'but write it must'],
  ['CreateInferenceProfile, no team', '- - - - -', 'but write it must'],
  ['CreateInferenceProfile, no service', '- - - - -', 'but write it must'],
  ['CreateInferenceProfile, no env', '- - - - -', 'but write it must'],
  ['CreateInferenceProfile, an empty team', '- - - - -', 'but write it must'],
  ['CreateInferenceProfile, an empty service', '- - - - -', 'but write it must'],
  ['CreateInferenceProfile, an illegal env', '- - - - -', 'and what the schema allows'],
  ['CreateInferenceProfile, a key in another case', '- - - - -', 'the bill would keep it apart'],
  ['CreateProject, own tags', '+ + + + +', OTHERS],
  ['CreateProject, own tags, tagging authorized', '+ + + + +', OTHERS],
  ['CreateProject, another stage', '+ + + + +', OTHERS],
  ['CreateProject, no team', '- - - - -', 'but write it must'],
  ['CreateProvisionedModelThroughput, another team', '+ + + + +', OTHERS],
  ['CreateProvisionedModelThroughput, no tags', '- - - - -', 'but write it must'],
  ['tag a profile with an attribution key', '+ + + + +', OTHERS],
  ['untag a profile of an attribution key', '+ + + + +', OTHERS],
  ['tag a project with an attribution key', '+ + + + +', OTHERS],
  ['tag a role with an attribution key', '+ + + + +', OTHERS],
  ['untag a role of an attribution key', '+ + + + +', OTHERS],
  ['tag a user with an attribution key', '+ + + + +', OTHERS],
  ['make a role with an attribution key', '+ + + + +', OTHERS],
  ['make a user with an attribution key', '+ + + + +', OTHERS],
  ['make a Marketplace endpoint', '+ + + + +', 'what somebody answers for'],
  ['reserve capacity', '+ + + + +', 'what somebody answers for'],
  ['make a long-term key for Bedrock', '- - - - -'],
  ['own profile', '- + - - -', 'only where profiles alone attribute a call'],
  ['model directly', '- - - - -', 'it deploys and does not call'],
  ['mantle, default project', '- - - - -', 'it deploys and does not call'],
], 'provisioner');

const TAGGED = 'with tags of the schema, which are not the administrator\'s to write';

/** Every type of the stacks that the reference app has in a workload account, made by CloudFormation and by an administrator. */
export const DEPLOYMENTS: readonly Row[] = decide(['provisioner', 'SCP'], [
  ['cdk deploy, assume the role of the bootstrap', '+ +'],
  ['deploy AWS::Bedrock::ApplicationInferenceProfile', '+ -', TAGGED],
  ['deploy AWS::Budgets::Budget', '+ +'],
  ['deploy AWS::Budgets::BudgetsAction', '+ +'],
  ['deploy AWS::CloudWatch::Alarm', '+ +'],
  ['deploy AWS::CloudWatch::CompositeAlarm', '+ +'],
  ['deploy AWS::CloudWatch::Dashboard', '+ +'],
  ['deploy AWS::Events::Rule', '+ +'],
  ['deploy AWS::IAM::ManagedPolicy', '+ +'],
  ['deploy AWS::IAM::Policy', '+ +'],
  ['deploy AWS::IAM::Role', '+ -', TAGGED],
  ['deploy AWS::Lambda::EventInvokeConfig', '+ +'],
  ['deploy AWS::Lambda::Function', '+ +'],
  ['deploy AWS::Lambda::Permission', '+ +'],
  ['deploy AWS::Logs::LogGroup', '+ +'],
  ['deploy AWS::Logs::QueryDefinition', '+ +'],
  ['deploy AWS::S3::Bucket', '+ +'],
  ['deploy AWS::S3::BucketPolicy', '+ +'],
  ['deploy AWS::SNS::Topic', '+ +'],
  ['deploy AWS::SNS::TopicPolicy', '+ +'],
  ['deploy AWS::SQS::Queue', '+ +'],
  ['deploy AWS::SQS::QueuePolicy', '+ +'],
  ['deploy AWS::SSM::Parameter', '+ +'],
  ['deploy Custom::BedrockInvocationLogging', '+ +'],
]);
