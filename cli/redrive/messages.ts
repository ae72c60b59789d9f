import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { StackQueue } from './queues.ts'

/** What `take` did with a message; a message that stays can be received again at once. */
export type Taken = 'done' | 'stays'

/** Receives all that waits in the queue, each message once, and deletes what is done. */
export async function takeAll(
  sqs: SQSClient,
  { url: QueueUrl }: StackQueue,
  take: (message: Message) => Promise<Taken>,
): Promise<void> {
  const staying = new Map<string | undefined, Message>()
  try {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 120,
          // A long poll asks all of SQS's servers; a short one may miss a message.
          WaitTimeSeconds: 1,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['MessageGroupId'],
        }),
      )
      const fresh = Messages.filter(({ MessageId }) => !staying.has(MessageId))
      if (fresh.length === 0) return
      for (const message of fresh) {
        if ((await take(message)) === 'stays') staying.set(message.MessageId, message)
        else await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }))
      }
    }
  } finally {
    for (const { ReceiptHandle } of staying.values()) {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
    }
  }
}

/** Sends dead letters back to the queue they come from. What comes back while this runs is left where it is. */
export async function moveBack(
  sqs: SQSClient,
  from: StackQueue,
  to: StackQueue,
): Promise<{ moved: number; cameBack: number }> {
  // A dead letter keeps the id it had in its queue.
  const sent = new Set<string | undefined>()
  let cameBack = 0
  await takeAll(sqs, from, async (message) => {
    if (sent.has(message.MessageId)) {
      cameBack += 1
      return 'stays'
    }
    // Sent before it is deleted: to fail in between makes two messages of one, of which the table lets one claim the job.
    const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl: to.url, ...copyOf(message) }))
    sent.add(MessageId)
    return 'done'
  })
  return { moved: sent.size, cameBack }
}

function copyOf({ Attributes, Body, MessageAttributes }: Message) {
  return { MessageBody: Body, MessageAttributes, MessageGroupId: Attributes?.MessageGroupId }
}
