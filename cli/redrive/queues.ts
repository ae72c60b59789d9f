import { GetQueueAttributesCommand, paginateListQueues, type SQSClient } from '@aws-sdk/client-sqs'

export const JOB_QUEUES = ['high', 'normal', 'low', 'sessions'] as const
export const QUEUES = [...JOB_QUEUES, 'undelivered'] as const
export type QueueName = (typeof QUEUES)[number]

export interface StackQueue {
  name: string
  url: string
  arn: string
  /** Messages that can be received, as SQS counts them: about. */
  waiting: number
  /** ARN of the queue for what cannot be handled. */
  deadLetters?: string
}

export interface StackQueues {
  /** Where the messages of a job queue come to lie, and where they belong. */
  pairs: Partial<Record<QueueName, { from: StackQueue; to: StackQueue }>>
  undelivered: StackQueue
}

/** Finds the queues of a stack by their names, which CloudFormation and the local cloud make of the construct ids. */
export async function findQueues(sqs: SQSClient, stack: string): Promise<StackQueues> {
  const urls: string[] = []
  const pages = paginateListQueues({ client: sqs, pageSize: 1000 }, { QueueNamePrefix: `${stack}-` })
  for await (const { QueueUrls = [] } of pages) urls.push(...QueueUrls)
  const queues = await Promise.all(urls.map((url) => describe(sqs, url)))
  const undelivered = queues.find(({ name }) => /QueuesUndelivered[0-9A-F]{8}/.test(name))
  if (!undelivered) {
    const found = queues.length === 0 ? 'no queue' : 'no Undelivered queue among the queues'
    throw new Error(
      `--stack must name a deployed stack of agent jobs: there is ${found} whose name begins with ${stack}-. ` +
        'Region and account are those of your AWS credentials; for the local cloud set AWS_ENDPOINT_URL to its URL',
    )
  }
  const pairs = JOB_QUEUES.map((name) => [name, pairOf(queues, name)])
  return { pairs: Object.fromEntries(pairs), undelivered }
}

async function describe(sqs: SQSClient, url: string): Promise<StackQueue> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['QueueArn', 'RedrivePolicy', 'ApproximateNumberOfMessages'],
    }),
  )
  const { deadLetterTargetArn: deadLetters } = JSON.parse(Attributes.RedrivePolicy ?? '{}')
  const name = url.slice(url.lastIndexOf('/') + 1)
  return {
    name,
    url,
    arn: Attributes.QueueArn ?? '',
    waiting: Number(Attributes.ApproximateNumberOfMessages),
    deadLetters,
  }
}

function pairOf(queues: StackQueue[], name: QueueName) {
  const to = queues.find((queue) => new RegExp(`Queues${name}[0-9A-F]{8}`, 'i').test(queue.name))
  const from = queues.find(({ arn }) => arn !== '' && arn === to?.deadLetters)
  if (!to || !from)
    throw new Error(`the stack's queue ${name} or its dead-letter queue is missing: deploy the stack again`)
  return { from, to }
}
