import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'
import { CreateQueueCommand, ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { findQueues } from '../../cli/redrive/queues.ts'
import example from '../../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../../local/offline-model.ts'
import { type LocalCloud, startLocal } from '../../local/start-local.ts'
import { type Subscription, subscribe } from '../graphql-client.ts'

interface Update {
  onUpdateAgentJob: { id: string; status: string; version: number }
}

let cloud: LocalCloud
let updates: Subscription<Update>
let queueUrls: string[]
let sqs: SQSClient

const settings = () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return { endpoint: cloud.url, region: 'us-east-1', credentials }
}

beforeAll(async () => {
  cloud = await startLocal({ model: offlineModel({ paceMs: 0 }), faults: true })
  const document = 'subscription { onUpdateAgentJob { id status version } }'
  updates = await subscribe<Update>(cloud, await cloud.token('admin'), document)
  sqs = new SQSClient(settings())
  queueUrls = (await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []
})
afterAll(async () => {
  await updates?.[Symbol.asyncDispose]()
  await cloud?.close()
})

/** Runs the command as a user would, in a process of its own. */
function redrive(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return redriveWith({ AWS_ENDPOINT_URL: cloud.url }, ...args)
}

async function redriveWith(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const env = { PATH: process.env.PATH, NO_COLOR: '1', ...environment }
  const run = promisify(execFile)(process.execPath, ['--conditions=source', 'cli/redrive/redrive.ts', ...args], { env })
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

/** ARN of the queue whose name has this in it. */
function queue(name: string): string {
  const url = queueUrls.find((each) => new RegExp(`Queues${name}[0-9A-F]{8}`).test(each)) as string
  return `arn:aws:sqs:us-east-1:000000000000:${url.split('/').at(-1)}`
}

async function putRow(id: string, attributes: Record<string, Record<string, unknown>>) {
  const requestData = { S: JSON.stringify(example) }
  const Item = { id: { S: id }, queryType: { S: 'recommendTask' }, requestData, version: { N: '1' }, ...attributes }
  await cloud.dynamodb.call('PutItem', { TableName: cloud.outputs.AgentJobTableName, Item })
}

const pushed = (id: string, status: string, version = 0) =>
  updates.until(({ onUpdateAgentJob: job }) => job.id === id && job.status === status && job.version >= version)

/** What Lambda would leave of the stream's records about this job, had `reader` given them up. */
async function failureOf(id: string, reader: string, batch: object = {}): Promise<string> {
  const TableName = cloud.outputs.AgentJobTableName
  const { Table } = await new DynamoDBClient(settings()).send(new DescribeTableCommand({ TableName }))
  const StreamArn = Table?.LatestStreamArn
  const streams = new DynamoDBStreamsClient(settings())
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }))
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId
  const begin = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const }
  const { ShardIterator } = await streams.send(new GetShardIteratorCommand(begin))
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }))
  const numbers = Records.filter(({ dynamodb }) => dynamodb?.Keys?.id?.S === id).map((one) => one.dynamodb)
  const [startSequenceNumber, endSequenceNumber] = [numbers[0]?.SequenceNumber, numbers.at(-1)?.SequenceNumber]
  const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:AgentJobs-JobsFunctions${reader}0123ABCD`
  return JSON.stringify({
    requestContext: { functionArn, condition: 'RetryAttemptsExhausted', approximateInvokeCount: 101 },
    version: '1.0',
    DDBStreamBatchInfo: { shardId: ShardId, streamArn: StreamArn, startSequenceNumber, endSequenceNumber, ...batch },
  })
}

test('dead letters go back to their queues, and their jobs run', async () => {
  // The stream comes too late for these, so that only a message has them run.
  cloud.faults.delayNext('DispatchJobs', 600_000)
  await putRow('dead-1', { status: { S: 'PENDING' } })
  await putRow('dead-2', { status: { S: 'PENDING' } })
  const message = (id: string) => JSON.stringify({ id, queryType: 'recommendTask' })
  await cloud.sqs.send(queue('LowDeadLetters'), message('dead-1'))
  await cloud.sqs.send(queue('HighDeadLetters'), message('dead-2'), { messageGroupId: 'alice' })

  const look = await redrive('--dry-run', '--queue', 'low')
  expect(look).toMatchObject({ code: 0, stdout: 'low          1 waiting\n' })
  expect(cloud.sqs.counts(queue('LowDeadLetters')).visible).toBe(1)

  const { code, stderr, stdout } = await redrive()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.replaceAll(/-JobsQueues(\w+?)[0-9A-F]{8}\b/g, ':$1').split('\n')).toEqual([
    'high         1 moved from AgentJobs:HighDeadLetters to AgentJobs:High',
    'normal       nothing waiting',
    'low          1 moved from AgentJobs:LowDeadLetters to AgentJobs:Low',
    'undelivered  nothing waiting',
    '',
  ])
  await pushed('dead-1', 'COMPLETE')
  await pushed('dead-2', 'COMPLETE')
  for (const name of ['LowDeadLetters', 'HighDeadLetters']) {
    expect(cloud.sqs.counts(queue(name))).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
  }
})

test('the rows of records that were given up are written once more, and take the usual way', async () => {
  // Too far away for dispatch-jobs, so that it waits while the test looks.
  const runAt = { S: new Date(Date.now() + 3_600_000).toISOString() }
  await putRow('undispatched', { status: { S: 'PENDING' }, runAt })
  await putRow('unpushed', { status: { S: 'COMPLETE' } })
  await putRow('taken', { status: { S: 'COMPLETE' } })
  await putRow('gone', { status: { S: 'PENDING' }, runAt })
  await cloud.dynamodb.call('DeleteItem', { TableName: cloud.outputs.AgentJobTableName, Key: { id: { S: 'gone' } } })
  for (const [id, reader] of [
    ['undispatched', 'DispatchJobs'],
    ['unpushed', 'PublishChanges'],
    ['taken', 'DispatchJobs'],
    ['gone', 'DispatchJobs'],
  ] as const) {
    await cloud.sqs.send(queue('Undelivered'), await failureOf(id, reader))
  }
  const { code, stderr, stdout } = await redrive('--queue', 'undelivered')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trim().split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[0]).toMatch(
    /^undelivered {2}records that .*DispatchJobs\w+ gave up \(RetryAttemptsExhausted\): 1 rows .*, undispatched$/,
  )
  expect(lines[1]).toMatch(/PublishChanges.* 1 rows written once more, unpushed$/)
  expect(lines[2]).toMatch(/DispatchJobs.* 1 rows written once more, taken$/)
  expect(lines[3]).toMatch(/DispatchJobs.* 0 rows written once more; 1 need nothing, being gone$/)
  await pushed('undispatched', 'PENDING', 2)
  await pushed('unpushed', 'COMPLETE', 2)
  await pushed('taken', 'COMPLETE', 2)
  expect(cloud.sqs.counts(queue('Undelivered')).visible).toBe(0)
})

test('what needs nothing is said and cleared away; what nobody knows stays', async () => {
  await putRow('old', { status: { S: 'COMPLETE' } })
  const trimmed = { startSequenceNumber: '000000000000000000001' }
  await cloud.sqs.send(queue('Undelivered'), await failureOf('old', 'PublishChanges', trimmed))
  await cloud.sqs.send(
    queue('Undelivered'),
    JSON.stringify({ source: 'aws.scheduler', 'detail-type': 'Scheduled Event' }),
  )
  await cloud.sqs.send(queue('Undelivered'), 'by hand')
  const { code, stdout } = await redrive('--queue', 'undelivered')
  expect(code).toBe(1)
  expect(stdout).toContain('older than a day')
  expect(stdout).toContain('a sweep that could not be started')
  expect(stdout).toContain('left, as it is of no known kind: by hand')
  const QueueUrl = queueUrls.find((url) => url.includes('QueuesUndelivered'))
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  expect(Messages?.map(({ Body }) => Body)).toEqual(['by hand'])
})

describe('the queues of a stack', () => {
  /** Queues as a stack deploys them, but for their names. */
  async function deploy(namePrefix: string, set: string) {
    const names = ['high', 'normal', 'low', 'undelivered']
    for (const queue of names) {
      const create = (name: string, Attributes: Record<string, string>, tags?: Record<string, string>) =>
        sqs.send(new CreateQueueCommand({ QueueName: `${namePrefix}-${name}`, Attributes, tags }))
      await create(`${queue}-dead`, {})
      const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${namePrefix}-${queue}-dead`
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 })
      await create(queue, { RedrivePolicy }, { 'agent-jobs:queue': queue, 'agent-jobs:set': set })
    }
  }

  test('are found by their tags, whatever their ids, under a name that CloudFormation had to cut', async () => {
    await deploy('AStackWithAVeryLongNam-x', 'AStackWithAVeryLongNameIndeed.BackendJobs')
    const { pairs, undelivered } = await findQueues(sqs, 'AStackWithAVeryLongNameIndeed')
    expect(Object.entries(pairs).map(([name, pair]) => [name, pair?.to.name, pair?.from.name])).toEqual(
      ['high', 'normal', 'low'].map((name) => [
        name,
        `AStackWithAVeryLongNam-x-${name}`,
        `AStackWithAVeryLongNam-x-${name}-dead`,
      ]),
    )
    expect(undelivered.name).toBe('AStackWithAVeryLongNam-x-undelivered')
    await expect(findQueues(sqs, 'AStackWithAVeryLongName')).rejects.toThrow(
      'has no queues of them, only those of AStackWithAVeryLongNameIndeed.BackendJobs',
    )
  })

  test('are those of the set that is named, when it has several', async () => {
    await deploy('Two-fast', 'Two.Fast')
    await deploy('Two-slow', 'Two.Slow')
    await expect(findQueues(sqs, 'Two')).rejects.toThrow('--stack must name one of Two.Fast, Two.Slow')
    expect((await findQueues(sqs, 'Two.Slow')).undelivered.name).toBe('Two-slow-undelivered')
  })
})

test.each([
  [['--queue', 'lots'], '--queue must be one of high, normal, low, undelivered, got lots'],
  [['--stack', 'Other'], 'Other has no queues of them, none among 0 queues with such a name'],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await redrive(...args)
  expect(code).toBe(1)
  expect(stderr).toContain(message)
})

test.each([
  [{}, 'local/', '/us-east-1/'],
  [{ AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' }, 'mine/', '/eu-west-1/'],
])(
  'an emulator on this machine is asked with the credentials that are set, else with some: %j',
  async (env, key, region) => {
    const signedBy: string[] = []
    const emulator = createServer(({ headers }, response) => {
      signedBy.push(String(headers.authorization))
      response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"QueueUrls":[]}')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void emulator.close())
    await once(emulator, 'listening')
    const { port } = emulator.address() as { port: number }
    const { stderr } = await redriveWith({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, ...env })
    expect(stderr).toContain('has no queues')
    expect(signedBy[0]).toContain(`Credential=${key}`)
    expect(signedBy[0]).toContain(region)
  },
)
