import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { dueShard } from '../../engine/job/due.ts'
import { jobKey } from '../../engine/job/job-key.ts'
import breakdownProject from '../../examples/breakdownProject.json' with { type: 'json' }
import planDay from '../../examples/planDay.json' with { type: 'json' }
import recommendTask from '../../examples/recommendTask.json' with { type: 'json' }
import type { DeployedStack, Row } from './deployed-stack.ts'
import type { Step } from './steps.ts'

const LETTERS = 300_000

/** What jobs do on the deployed stack, each begun by a row put in by hand. */
export function jobSteps(stack: DeployedStack): Step[] {
  return [
    { name: 'a row at each priority runs to COMPLETE, its answer from the model', run: () => priorities(stack) },
    {
      name: 'what the agent says is stored through the API, which lets run-job in by its role',
      run: () => events(stack),
    },
    { name: "a session's turns run one after the other", run: () => session(stack) },
    {
      name: 'a bad input is FAILED INVALID_INPUT',
      run: () => fails(stack, job('bad-input', 'planDay', {}), 'INVALID_INPUT'),
    },
    {
      name: 'an agent that does not exist is FAILED UNKNOWN_AGENT',
      run: () => fails(stack, job('no-agent', 'writePoem', {}), 'UNKNOWN_AGENT'),
    },
    { name: 'a result of 300 KB is an object in the bucket', run: () => largeResult(stack) },
    { name: 'the job of a lost worker is swept by the scheduler and COMPLETE', run: () => lostWorker(stack) },
    { name: 'nothing is left that could not be handled', run: () => nothingUnhandled(stack) },
  ]
}

export function job(id: string, queryType: string, request: object, rest: object = {}): Row {
  return { id, queryType, status: 'PENDING', requestData: JSON.stringify(request), ...rest }
}

async function priorities(stack: DeployedStack): Promise<string> {
  await stack.put(job('high', 'recommendTask', recommendTask, { priority: 'HIGH' }))
  await stack.put(job('normal', 'planDay', planDay))
  await stack.put(job('low', 'breakdownProject', breakdownProject, { priority: 'LOW' }))
  const rows = await Promise.all(['high', 'normal', 'low'].map((id) => stack.until(id, 'COMPLETE')))
  for (const { id, resultData, usage } of rows) {
    if (Object.keys(JSON.parse(String(resultData))).length === 0) throw new Error(`the result of ${id} is empty`)
    if (!(usage as { outputTokens: number }).outputTokens) throw new Error(`${id} has asked no model`)
  }
  return rows.map(({ id, version }) => `${id} version ${version}`).join(', ')
}

/** A worker writes its checkpoints itself, but events by a mutation. */
async function events(stack: DeployedStack): Promise<string> {
  const { id, uid } = await stack.row('normal')
  const { Items = [] } = await stack.clients.documents.send(
    new QueryCommand({
      TableName: stack.output('AgentJobEventTableName'),
      KeyConditionExpression: 'jobKey = :key',
      ExpressionAttributeValues: { ':key': jobKey(id, String(uid)) },
    }),
  )
  const said = Items.filter(({ type }) => type !== 'CHECKPOINT')
  if (said.length === 0) throw new Error(`${id} has no event but ${Items.length} checkpoints`)
  return `${said.length} events of ${id}`
}

async function session(stack: DeployedStack): Promise<undefined> {
  const turns = ['turn-1', 'turn-2', 'turn-3']
  const shared = { owner: 'proof', sessionId: 's', sessionKey: 'proof#s' }
  // The first takes longest: without the order, the last would be over before it.
  for (const [index, id] of turns.entries()) {
    await stack.put(
      job(id, 'turn', { milliseconds: 1_500 - 500 * index }, { ...shared, createdAt: new Date().toISOString() }),
    )
  }
  const rows = await Promise.all(turns.map((id) => stack.until(id, 'COMPLETE')))
  for (const [index, { id, startedAt }] of rows.entries()) {
    const before = rows[index - 1]
    if (before && Date.parse(String(startedAt)) < Date.parse(String(before.completedAt))) {
      throw new Error(`${id} began at ${startedAt}, before ${before.id} was over at ${before.completedAt}`)
    }
  }
}

async function fails(stack: DeployedStack, row: Row, code: string): Promise<undefined> {
  await stack.put(row)
  const { error } = await stack.until(row.id, 'FAILED')
  const came = (error as { code: string }).code
  if (came !== code) throw new Error(`${row.id} must fail with ${code}, it did with ${JSON.stringify(error)}`)
}

async function largeResult(stack: DeployedStack): Promise<string> {
  await stack.put(job('large', 'report', { letters: LETTERS }))
  const { resultData, resultKey } = await stack.until('large', 'COMPLETE')
  if (resultData !== undefined || typeof resultKey !== 'string') throw new Error('the row holds the result itself')
  const { ContentLength = 0 } = await stack.clients.s3.send(
    new HeadObjectCommand({ Bucket: stack.output('ResultBucketName'), Key: resultKey }),
  )
  if (ContentLength < LETTERS) throw new Error(`${resultKey} has ${ContentLength} bytes, it must have over ${LETTERS}`)
  return `${ContentLength} bytes at ${resultKey}`
}

/** A row as a worker leaves it that died in its first attempt: the lease ran out, nobody renews it. */
async function lostWorker(stack: DeployedStack): Promise<string> {
  const past = Date.now() - 1_000
  await stack.put(
    job('lost', 'recommendTask', recommendTask, {
      status: 'PROCESSING',
      claimToken: 'a worker that died',
      leaseExpiresAt: past,
      dueAt: past,
      dueShard: dueShard('lost'),
      attempt: 1,
      claims: 1,
      maxAttempts: 3,
      version: 2,
    }),
  )
  // The schedule runs each minute; AWS begins it within the minute.
  const { attempt } = await stack.until('lost', 'COMPLETE', 240)
  if (attempt !== 2) throw new Error(`the job must be in its second attempt, it is in ${attempt}`)
  return 'attempt 2'
}

async function nothingUnhandled(stack: DeployedStack): Promise<undefined> {
  const unhandled = await stack.unhandled()
  if (Object.keys(unhandled).length > 0) throw new Error(`there are messages: ${JSON.stringify(unhandled)}`)
}
