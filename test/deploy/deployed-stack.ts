import { readFileSync } from 'node:fs'
import {
  type EventSourceMappingConfiguration,
  InvokeCommand,
  ListEventSourceMappingsCommand,
  paginateListFunctions,
} from '@aws-sdk/client-lambda'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { findQueues, type StackQueue } from '../../cli/redrive/queues.ts'
import { poll } from './poll.ts'
import type { Clients } from './target.ts'

export type Row = Record<string, unknown> & { id: string }

/** The stack as AWS shows it to whoever has its name and its outputs. */
export class DeployedStack {
  readonly clients: Clients
  readonly name: string
  private readonly outputsFile: string

  constructor(clients: Clients, name: string, outputsFile: string) {
    this.clients = clients
    this.name = name
    this.outputsFile = outputsFile
  }

  output(name: string): string {
    const value = JSON.parse(readFileSync(this.outputsFile, 'utf8'))[this.name]?.[name]
    if (!value) throw new Error(`the stack has no output ${name}`)
    return value
  }

  get jobTable(): string {
    return this.output('AgentJobTableName')
  }

  /** Puts a row in by hand, as somebody would in the DynamoDB console. */
  async put(row: Row): Promise<void> {
    await this.clients.documents.send(new PutCommand({ TableName: this.jobTable, Item: row }))
  }

  async row(id: string): Promise<Row> {
    const { Item } = await this.clients.documents.send(
      new GetCommand({ TableName: this.jobTable, Key: { id }, ConsistentRead: true }),
    )
    if (!Item) throw new Error(`the row ${id} is gone`)
    return Item as Row
  }

  /** Waits until the job is over, and throws when that is in another way than it should. */
  async until(id: string, status: 'COMPLETE' | 'FAILED', seconds = 120): Promise<Row> {
    let last: Row = { id }
    const over = async () => {
      last = await this.row(id)
      return ['COMPLETE', 'FAILED', 'CANCELLED'].includes(last.status as string) && last
    }
    const row = await poll(`${id} to be ${status}`, seconds, over, () => `, it is ${brief(last)}`)
    if (row.status !== status) throw new Error(`${id} must be ${status}, it is ${brief(row)}`)
    return row
  }

  async functions(): Promise<string[]> {
    const names: string[] = []
    for await (const { Functions = [] } of paginateListFunctions({ client: this.clients.lambda }, {})) {
      names.push(...Functions.flatMap(({ FunctionName }) => FunctionName ?? []))
    }
    return names.filter((name) => name.startsWith(`${this.name}-`))
  }

  async runJobFunction(): Promise<string> {
    const name = (await this.functions()).find((each) => each.includes('RunJob'))
    if (!name) throw new Error(`no function of ${this.name} is called RunJob`)
    return name
  }

  /** Hands a job to its worker, past the queue, and tells what the worker answers. */
  async runJob(id: string): Promise<string> {
    const Records = [{ messageId: 'by-hand', body: JSON.stringify({ id }) }]
    const { Payload } = await this.clients.lambda.send(
      new InvokeCommand({ FunctionName: await this.runJobFunction(), Payload: JSON.stringify({ Records }) }),
    )
    return Buffer.from(Payload ?? []).toString('utf8')
  }

  async mapping(queue: string): Promise<EventSourceMappingConfiguration> {
    const { EventSourceMappings = [] } = await this.clients.lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: await this.runJobFunction() }),
    )
    const { name } = (await this.queue(queue)).to
    const found = EventSourceMappings.find(({ EventSourceArn }) => EventSourceArn?.endsWith(`:${name}`))
    if (!found) throw new Error(`run-job does not read the queue ${name}`)
    return found
  }

  async queue(name: string): Promise<{ from: StackQueue; to: StackQueue }> {
    const { pairs } = await findQueues(this.clients.sqs, this.name)
    const pair = Object.entries(pairs).find(([each]) => each === name)?.[1]
    if (!pair) throw new Error(`the stack has no queue ${name}`)
    return pair
  }

  /** What nobody could handle, by the queue that it lies in. */
  async unhandled(): Promise<Record<string, number>> {
    const { pairs, undelivered } = await findQueues(this.clients.sqs, this.name)
    const waiting = Object.entries(pairs).map(([name, { from }]) => [`dead letters of ${name}`, from.waiting] as const)
    return Object.fromEntries([...waiting, ['undelivered', undelivered.waiting]].filter(([, count]) => count))
  }
}

function brief({ status, attempt, version, error }: Row): string {
  return JSON.stringify({ status, attempt, version, error })
}
