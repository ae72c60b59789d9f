import { parseArgs } from 'node:util'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { SQSClient } from '@aws-sdk/client-sqs'
import pc from 'picocolors'
import { exitOnError } from '../exit-on-error.ts'
import { moveBack, takeAll } from './messages.ts'
import { findQueues, QUEUES, type QueueName, type StackQueue, type StackQueues } from './queues.ts'
import { type Clients, putRight } from './records.ts'

const USAGE = `npm run redrive -- [options]

  Puts back what could not be handled, once its cause is gone: dead letters into their queues, and the jobs of stream
  records that were given up on their way again.

  --queue <name>   one of ${QUEUES.join(', ')}; may be given several times (default: all)
  --stack <name>   name of the deployed stack (default AgentJobs); <stack>.<path> if it has several sets of agent jobs
  --dry-run        only say what is there

  It uses your AWS credentials and region; AWS_ENDPOINT_URL=http://127.0.0.1:4000 means the local cloud.
`

await exitOnError(USAGE, async () => {
  const { values } = parseArgs({
    options: {
      queue: { type: 'string', multiple: true },
      stack: { type: 'string', default: 'AgentJobs' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const names = (values.queue ?? [...QUEUES]).map(checkName)
  const sqs = new SQSClient(settings())
  const clients = { dynamodb: new DynamoDBClient(settings()), streams: new DynamoDBStreamsClient(settings()) }
  const queues = await findQueues(sqs, values.stack)
  for (const name of names) {
    const waiting = (queues.pairs[name]?.from ?? queues.undelivered).waiting
    if (values['dry-run']) say(name, `${waiting} waiting`)
    else await redrive(sqs, clients, queues, name)
  }
})

function checkName(name: string): QueueName {
  const known = QUEUES.find((each) => each === name)
  if (known) return known
  throw new Error(`--queue must be one of ${QUEUES.join(', ')}, got ${name}`)
}

/**
 * The SDK reads AWS_ENDPOINT_URL by itself; the local cloud takes any region and credentials, but the SDK wants some. Whoever
 * has set them may mean another emulator on this machine, which looks at them.
 */
function settings() {
  const { AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL: endpoint, AWS_PROFILE, AWS_REGION } = process.env
  if (!endpoint || !/^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(endpoint).hostname)) return {}
  const region = AWS_REGION || 'us-east-1'
  if (AWS_ACCESS_KEY_ID || AWS_PROFILE) return { region }
  return { region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
}

async function redrive(sqs: SQSClient, clients: Clients, queues: StackQueues, name: QueueName): Promise<void> {
  const pair = queues.pairs[name]
  if (!pair) return redriveUndelivered(sqs, clients, queues.undelivered)
  const { cameBack, moved } = await moveBack(sqs, pair.from, pair.to)
  say(name, moved === 0 ? 'nothing waiting' : `${moved} moved from ${pair.from.name} to ${pair.to.name}`)
  if (cameBack === 0) return
  say(name, pc.red(`${cameBack} failed again and were left: their cause stands. The log of run-job tells it`))
  process.exitCode = 1
}

async function redriveUndelivered(sqs: SQSClient, clients: Clients, queue: StackQueue): Promise<void> {
  let seen = 0
  await takeAll(sqs, queue, async (message) => {
    seen += 1
    const done = await putRight(clients, message)
    if (done !== undefined) {
      say('undelivered', done)
      return 'done'
    }
    say('undelivered', pc.red(`left, as it is of no known kind: ${message.Body?.slice(0, 200)}`))
    process.exitCode = 1
    return 'stays'
  })
  if (seen === 0) say('undelivered', 'nothing waiting')
}

function say(name: QueueName, what: string): void {
  console.log(`${name.padEnd(12)} ${what}`)
}
