import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { IConstruct, IDependable } from 'constructs';
import { admitAlarms } from '../private/admit-alarms';

/** A billing service that publishes to topics. */
export interface PublishingService {
  /** Its service principal. */
  readonly principal: string;

  /** Sid of the statement in the policy of the topic. */
  readonly sid: string;

  /** What the topic is to it, the beginning of the ids of warnings, such as `budgetTopic`. */
  readonly topicRole: string;

  /** ARN that the service names as its source, where it is known before its resource is made. */
  readonly sourceArn?: string;
}

/**
 * Lets a billing service publish to a topic on behalf of the account, and use its key: without either, messages are dropped in silence.
 * Warns where the policy of the topic, or that of its key, is somebody else's. Alarms are let in too, for they were as long as the topic
 * had no policy.
 *
 * @param scope the construct that makes the service publish
 * @returns the policy of the topic, for a service may try the topic as soon as it is told of it
 */
export function admitService(topic: sns.ITopic, service: PublishingService, scope: IConstruct): IDependable | undefined {
  const { principal, sid, topicRole, sourceArn } = service;
  const principals = [new iam.ServicePrincipal(principal, {
    conditions: {
      StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
      ...sourceArn !== undefined && { ArnLike: { 'aws:SourceArn': sourceArn } },
    },
  })];
  const { statementAdded, policyDependable } = topic.addToResourcePolicy(new iam.PolicyStatement({
    sid, principals, actions: ['sns:Publish'], resources: [topic.topicArn],
  }));
  admitAlarms(topic);
  // a grant on a key succeeds even where its policy is not managed here
  const ofKey = topic.masterKey?.addToResourcePolicy(new iam.PolicyStatement({
    principals, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'],
  }));
  const warn = (id: string, what: string, actions: string): void => {
    Annotations.of(scope).addWarningV2(`bedrock-cost-attribution:${topicRole}${id}`, (
      `the policy of the ${what} is not managed by this app: let "${principal}" do ${actions}, or its messages are lost`
    ));
  };
  if (!statementAdded) warn('PolicyNotManaged', 'topic', '"sns:Publish" on the topic');
  if (ofKey?.statementAdded === false) warn('KeyNotManaged', 'key of the topic', '"kms:Decrypt" and "kms:GenerateDataKey*" with the key');
  return policyDependable;
}
