import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

/** Something that people should know. */
export interface Notice {
  /** One line of at most 100 ASCII characters. */
  readonly subject: string;
  /** The whole story, in plain text. */
  readonly text: string;
}

/** Says something to whoever subscribed. Never throws: what was done stays done, and it is in the log in any case. */
export type Notify = (notice: Notice) => Promise<void>;

/** Logs every notice and publishes it to a topic. */
export function notifier(client: SNSClient, topicArn: string | undefined, log: (entry: object) => void): Notify {
  return async notice => {
    log({ message: 'notice', ...notice });
    try {
      await client.send(new PublishCommand({ TopicArn: topicArn, Subject: notice.subject, Message: notice.text }));
    } catch (error) {
      log({ message: 'notice not published', topicArn, error: error instanceof Error ? error.message : String(error) });
    }
  };
}
