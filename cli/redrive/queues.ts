import {
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  paginateListQueues,
  type SQSClient,
} from '@aws-sdk/client-sqs'

const JOB_QUEUES = ['high', 'normal', 'low'] as const
export const QUEUES = [...JOB_QUEUES, 'undelivered'] as const
export type QueueName = (typeof QUEUES)[number]

export interface StackQueue {
  name: string
  url: string
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

/** The tags that the stack gives a queue: which it is, and of which set of agent jobs, `<stack>.<path in the stack>`. */
interface Tagged {
  url: string
  queue: string
  set: string
}

// CloudFormation begins a queue's name with the stack's, but cuts a long one, to have room for the rest in 80 characters.
const SURELY_IN_THE_NAME = 20

/** Finds the queues of a stack by their tags. Names lead to them only: no API lists all queues that have a tag. */
export async function findQueues(sqs: SQSClient, stack: string): Promise<StackQueues> {
  const urls: string[] = []
  const QueueNamePrefix = stack.split('.')[0]?.slice(0, SURELY_IN_THE_NAME)
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs, pageSize: 1000 }, { QueueNamePrefix })) {
    urls.push(...QueueUrls)
  }
  const tagged = (await Promise.all(urls.map((url) => tagsOf(sqs, url)))).filter((one) => one !== undefined)
  const ofStack = tagged.filter(({ set }) => set === stack || set.startsWith(`${stack}.`))
  const sets = new Set(ofStack.map(({ set }) => set))
  if (sets.size === 0) throw new Error(noneOf(stack, urls, new Set(tagged.map(({ set }) => set))))
  if (sets.size > 1) throw new Error(`${stack} has several sets of agent jobs: --stack must name one of ${list(sets)}`)

  const find = async (name: QueueName) => {
    const found = ofStack.find(({ queue }) => queue === name)
    if (found) return describe(sqs, found.url)
    throw new Error(`the queue ${name} of ${list(sets)} is missing: deploy the stack again`)
  }
  const pairs = JOB_QUEUES.map(async (name) => [name, await pairOf(sqs, name, await find(name), urls)])
  return { pairs: Object.fromEntries(await Promise.all(pairs)), undelivered: await find('undelivered') }
}

async function tagsOf(sqs: SQSClient, url: string): Promise<Tagged | undefined> {
  const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }))
  const { 'agent-jobs:queue': queue, 'agent-jobs:set': set } = Tags
  return queue && set ? { url, queue, set } : undefined
}

async function describe(sqs: SQSClient, url: string): Promise<StackQueue> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['RedrivePolicy', 'ApproximateNumberOfMessages'] }),
  )
  const { deadLetterTargetArn: deadLetters } = JSON.parse(Attributes.RedrivePolicy ?? '{}')
  return { name: nameIn(url), url, waiting: Number(Attributes.ApproximateNumberOfMessages), deadLetters }
}

async function pairOf(sqs: SQSClient, name: QueueName, to: StackQueue, urls: string[]) {
  const deadLetters = to.deadLetters?.split(':').at(-1)
  const from = urls.find((url) => nameIn(url) === deadLetters)
  if (from) return { from: await describe(sqs, from), to }
  throw new Error(`the dead-letter queue of ${name}, ${to.name}, is missing: deploy the stack again`)
}

const nameIn = (url: string) => url.slice(url.lastIndexOf('/') + 1)
const list = (names: Set<string>) => [...names].sort().join(', ')

function noneOf(stack: string, urls: string[], others: Set<string>): string {
  const found = others.size > 0 ? `only those of ${list(others)}` : `none among ${urls.length} queues with such a name`
  return (
    `--stack must name a deployed stack of agent jobs: ${stack} has no queues of them, ${found}. Region and account are ` +
    'those of your AWS credentials; for the local cloud set AWS_ENDPOINT_URL to its URL. Queues that were deployed without ' +
    'tags get them when the stack is deployed again'
  )
}
