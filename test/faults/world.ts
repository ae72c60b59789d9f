import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { type Script, type ScriptedTry, scripted } from '../../local/scripted-model.ts'
import { startLocal } from '../../local/start-local.ts'
import { graphql, subscribe } from '../graphql-client.ts'

const START = Date.parse('2030-01-01T00:00:00.000Z')
export const MINUTE = 60_000
export const DAY = 24 * 60 * MINUTE

/** What the tests look at of a job. */
export interface SeenJob {
  id: string
  status: 'PENDING' | 'PROCESSING' | 'COMPLETE' | 'FAILED' | 'CANCELLED'
  version: number
  attempt: number
  resultData: string | null
  error: { code: string; message: string } | null
}

/** One change of a job's row, as the table's stream tells it. */
export interface Change {
  id: string
  /** Epoch milliseconds, to the second. */
  at: number
  from: string | undefined
  to: string | undefined
  version: number
  attempt: number
  claims: number
  error: string | undefined
}

const FIELDS = 'id status version attempt resultData error { code message }'
const CREATE = `mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { ${FIELDS} } }`
const CANCEL = `mutation ($id: ID!) { cancelAgentJob(id: $id) { ${FIELDS} } }`
const RETRY = `mutation ($id: ID!) { retryAgentJob(id: $id) { ${FIELDS} } }`
const GET = `query ($id: ID!) { getAgentJob(id: $id) { ${FIELDS} } }`
const ON_UPDATE = `subscription { onUpdateAgentJob { ${FIELDS} } }`

export type World = Awaited<ReturnType<typeof startWorld>>

/** A whole local cloud on a clock of its own, in which things can be broken and every job has its own script. */
export async function startWorld(options: { log?(source: string, line: string): void } = {}) {
  const clock = new ManualClock(START)
  const scripts = new Map<string, Script>()
  const model = scripted((job) => scripts.get(job) ?? [], {
    clock,
    job: (data) => (data as { key: string }).key,
    die: () => kill('RunJob'),
  })
  const cloud = await startLocal({ clock, model, agents: 'test/faults/agents.ts', faults: true, log: options.log })
  let kills = 0
  async function kill(name: string) {
    if (name === 'RunJob') kills++
    await cloud.faults.killFunction(name)
  }
  const token = await cloud.token('alice', 10 * 365 * 86_400)
  const changes = await followTable(cloud)
  let watching = await subscribe<{ onUpdateAgentJob: SeenJob }>(cloud, token, ON_UPDATE)

  const send = async (query: string, variables: object) => {
    const { data, errors } = await graphql<Record<string, SeenJob | null>>(cloud, token, query, variables)
    return { job: Object.values(data ?? {})[0] ?? undefined, errors }
  }
  return {
    cloud,
    clock,
    model,
    kill,
    /** How often workers were ended, and so each call to the model that they waited for. */
    kills: () => kills,
    /** Every change of the table so far. */
    changes,
    /** Everything that was pushed so far to one who subscribes to all jobs. */
    pushed: () => watching.seen.map(({ onUpdateAgentJob }) => onUpdateAgentJob),
    untilPushed: (passes: (job: SeenJob) => boolean) =>
      watching.until(({ onUpdateAgentJob }) => passes(onUpdateAgentJob)),
    /** Subscribes anew: what was pushed until now is forgotten. */
    async subscribeAgain() {
      await watching[Symbol.asyncDispose]()
      watching = await subscribe<{ onUpdateAgentJob: SeenJob }>(cloud, token, ON_UPDATE)
    },
    /** Drops every message: those that dead workers had would come back an hour and a half later. */
    async emptyQueues() {
      const ask = async (action: string, body: object) => {
        const headers = {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${action}`,
          // Nobody checks it, but a call without one is refused.
          authorization: `AWS4-HMAC-SHA256 Credential=local/20300101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0`,
        }
        const response = await fetch(cloud.url, { method: 'POST', headers, body: JSON.stringify(body) })
        if (!response.ok) throw new Error(`${action}: ${await response.text()}`)
        return response.json()
      }
      const { QueueUrls } = (await ask('ListQueues', {})) as { QueueUrls: string[] }
      await Promise.all(QueueUrls.map((QueueUrl) => ask('PurgeQueue', { QueueUrl })))
    },
    create: (id: string, script: Script, input: object = {}, does?: string) => {
      scripts.set(id, script)
      const requestData = JSON.stringify({ key: id, does })
      return send(CREATE, { input: { id, queryType: 'ask', requestData, ...input } })
    },
    cancel: (id: string) => send(CANCEL, { id }),
    retry: (id: string) => send(RETRY, { id }),
    async read(id: string): Promise<SeenJob> {
      const { job } = await send(GET, { id })
      if (!job) throw new Error(`there is no job ${id}`)
      return job
    },
    /** The row of a job as it stands in the table. */
    async row(id: string): Promise<Record<string, unknown>> {
      const Key = { id: { S: id } }
      const { Item } = await cloud.dynamodb.call('GetItem', { TableName: cloud.outputs.AgentJobTableName, Key })
      return (Item ?? {}) as Record<string, unknown>
    },
    /** The states that a job went through. */
    states: (id: string) => changes.filter((change) => change.id === id).map(({ to }) => to),
    async [Symbol.asyncDispose]() {
      await watching[Symbol.asyncDispose]()
      await cloud.close()
    },
  }
}

type Cloud = Awaited<ReturnType<typeof startLocal>>

/** Collects what the stream of the table of jobs tells, beside the stack's own readers. */
export async function followTable(
  { dynamodb, outputs }: Pick<Cloud, 'dynamodb' | 'outputs'>,
  from: 'LATEST' | 'TRIM_HORIZON' = 'LATEST',
): Promise<Change[]> {
  const changes: Change[] = []
  const { Table } = await dynamodb.call('DescribeTable', { TableName: outputs.AgentJobTableName })
  const cursor = dynamodb.openStream((Table as { LatestStreamArn: string }).LatestStreamArn, from)
  await cursor.opened
  const read = async () => {
    for (let records = await cursor.next(100); records.length > 0; records = await cursor.next(100)) {
      for (const { dynamodb: record } of records) {
        changes.push({
          id: record?.Keys?.id?.S ?? '',
          at: (record?.ApproximateCreationDateTime ?? 0) * 1000,
          from: record?.OldImage?.status?.S,
          to: record?.NewImage?.status?.S,
          version: Number(record?.NewImage?.version?.N),
          attempt: Number(record?.NewImage?.attempt?.N ?? 0),
          claims: Number(record?.NewImage?.claims?.N ?? 0),
          error: record?.NewImage?.error?.M?.code?.S,
        })
      }
    }
  }
  void read()
  return changes
}

export const say = (everyMs: number, words = 10): ScriptedTry => ({ does: 'answer', everyMs, words })
