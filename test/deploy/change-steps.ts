import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import recommendTask from '../../examples/recommendTask.json' with { type: 'json' }
import { agentJobs, type Cdk, type Run } from './commands.ts'
import type { DeployedStack } from './deployed-stack.ts'
import { job } from './job-steps.ts'
import type { Leftovers } from './leftovers.ts'
import type { Step } from './steps.ts'

export interface Proof {
  stack: DeployedStack
  cdk: Cdk
  run: Run
  outputsFile: string
  /** Told of what each deploy made that may outlive the stack. */
  leftovers: Leftovers
}

const UPDATED = { normal: '17', retentionDays: '3' }

/** What deploys, commands and destroys change on the stack. */
export function changeSteps(proof: Proof): Step[] {
  return [
    { name: 'agent-jobs outputs writes amplify_outputs.json', run: () => writesOutputs(proof) },
    { name: 'run-job denied dynamodb:UpdateItem: the row stays PENDING', run: () => staysPending(proof) },
    { name: 'an update takes the denial back, with other props, and they hold', run: () => updates(proof) },
    { name: 'agent-jobs redrive brings the dead letter back, and its job is COMPLETE', run: () => redrives(proof) },
    { name: 'destroy: the functions go, the tables stay', run: () => destroysAll(proof, 'stay') },
    { name: 'deployed again, with removalPolicy DESTROY, it runs a job', run: () => deploysAgain(proof) },
    { name: 'destroy: the functions go, and the tables too', run: () => destroysAll(proof, 'go') },
  ]
}

export async function deploy({ cdk, leftovers, outputsFile, stack }: Proof, context: Record<string, string> = {}) {
  await cdk('deploy', ['--require-approval', 'never', '--outputs-file', outputsFile], context)
  leftovers.addAll(stack)
}

async function writesOutputs({ outputsFile, run, stack }: Proof): Promise<undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-'))
  try {
    const file = join(folder, 'amplify_outputs.json')
    await agentJobs(run, 'outputs', outputsFile, file)
    const { auth, data } = JSON.parse(readFileSync(file, 'utf8'))
    if (data.url !== stack.output('GraphQLUrl') || auth.user_pool_id !== stack.output('UserPoolId')) {
      throw new Error(`it names another API or user pool: ${data.url}, ${auth.user_pool_id}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The counter-check: were permissions not enforced, the job would run all the same. */
async function staysPending(proof: Proof): Promise<string> {
  const { stack } = proof
  await deploy(proof, { deny: 'dynamodb:UpdateItem' })
  await stack.put(job('denied', 'recommendTask', recommendTask))
  const answer = await stack.runJob('denied')
  if (!answer.includes('by-hand')) throw new Error(`run-job must hand the message back, it answered ${answer}`)
  const { attempt, status } = await stack.row('denied')
  if (status !== 'PENDING' || attempt !== undefined) throw new Error(`the row is ${status}, attempt ${attempt}`)
  return 'run-job hands the message back'
}

async function updates(proof: Proof): Promise<string> {
  const { stack } = proof
  await deploy(proof, UPDATED)
  const { ScalingConfig } = await stack.mapping('normal')
  if (ScalingConfig?.MaximumConcurrency !== Number(UPDATED.normal)) {
    throw new Error(`the queue normal must run ${UPDATED.normal} jobs at once, got ${JSON.stringify(ScalingConfig)}`)
  }
  await stack.put(job('updated', 'recommendTask', recommendTask, { priority: 'HIGH' }))
  const { ttl } = await stack.until('updated', 'COMPLETE')
  const days = Math.round((Number(ttl) - Date.now() / 1000) / 86_400)
  if (days !== Number(UPDATED.retentionDays)) throw new Error(`the job is kept ${days} days`)
  return `maxConcurrency ${UPDATED.normal}, kept ${UPDATED.retentionDays} days`
}

/** The message of the job that could not be claimed, where SQS would have put it after the fifth try. */
async function redrives({ run, stack }: Proof): Promise<string> {
  const { from } = await stack.queue('normal')
  const MessageBody = JSON.stringify({ id: 'denied', queryType: 'recommendTask' })
  await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl: from.url, MessageBody }))
  const said = await agentJobs(run, 'redrive', '--stack', stack.name)
  const line = said.split('\n').find((each) => /^normal +1 moved from /.test(each))
  if (!line) throw new Error(`redrive must move one message of the queue normal, it said:\n${said}`)
  await stack.until('denied', 'COMPLETE')
  if (Object.keys(await stack.unhandled()).length > 0) throw new Error('there are dead letters after it')
  return line.replace(/ +/g, ' ')
}

async function deploysAgain(proof: Proof): Promise<undefined> {
  const { stack } = proof
  await deploy(proof, { removalPolicy: 'DESTROY' })
  await stack.put(job('again', 'recommendTask', recommendTask))
  await stack.until('again', 'COMPLETE')
}

async function destroysAll({ cdk, stack }: Proof, tables: 'stay' | 'go'): Promise<string> {
  const table = stack.jobTable
  await cdk('destroy', ['--force'])
  const functions = await stack.functions()
  if (functions.length > 0) throw new Error(`functions are left: ${functions.join(', ')}`)
  const stays = await tableStands(stack, table)
  if (stays !== (tables === 'stay')) throw new Error(`the table ${table} ${stays ? 'stays' : 'is gone'}`)
  return table
}

async function tableStands({ clients }: DeployedStack, TableName: string): Promise<boolean> {
  try {
    const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName }))
    return Table?.TableStatus !== 'DELETING'
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return false
    throw error
  }
}
