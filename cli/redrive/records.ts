import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'
import type { Message } from '@aws-sdk/client-sqs'

/** What Lambda leaves of a batch of stream records that it gave up: where they are, not what they say. */
interface StreamFailure {
  requestContext: { functionArn: string; condition: string }
  DDBStreamBatchInfo: { shardId: string; startSequenceNumber: string; endSequenceNumber: string; streamArn: string }
}

export interface Clients {
  dynamodb: DynamoDBClient
  streams: DynamoDBStreamsClient
}

/**
 * Puts right what one message of the undelivered queue is about, and says how; undefined for a message that it does not
 * know. The records are read again from the stream, which keeps them for a day, to learn which jobs they are of, and each
 * of these rows is written once more, as it stands: that makes a new record, which takes the usual way. Whichever function
 * gave them up, that is dispatched if it still waits, and pushed in any case, where its version makes a second time harmless.
 * To replay the old record would tell subscribers of a state that is over.
 */
export async function putRight({ dynamodb, streams }: Clients, message: Message): Promise<string | undefined> {
  const failure = parse(message.Body)
  if (isSweep(failure, message)) return 'a sweep that could not be started: the sweeps after it do its work'
  if (!isStreamFailure(failure)) return undefined
  const { DDBStreamBatchInfo: batch, requestContext } = failure
  const reader = requestContext.functionArn.split(':')[6] ?? requestContext.functionArn
  const what = `records that ${reader} gave up (${requestContext.condition})`
  const ids = await idsIn(streams, batch)
  if (!ids) {
    return `${what}: older than a day, so the stream has them no more. The sweep has brought waiting jobs back by then; clients read the rest`
  }
  const table = batch.streamArn.split('/')[1] as string
  const touched: string[] = []
  for (const id of ids) if (await touch(dynamodb, table, id)) touched.push(id)
  const others = ids.length - touched.length
  const rest = others > 0 ? `; ${others} need nothing, being gone` : ''
  return `${what}: ${touched.length} rows written once more${touched.length > 0 ? `, ${touched.join(', ')}` : ''}${rest}`
}

function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}

function isSweep(body: unknown, { MessageAttributes }: Message): boolean {
  // EventBridge Scheduler says where its message comes from by an attribute, its usual event by its source.
  return (
    MessageAttributes?.SCHEDULE_ARN !== undefined || (body as { source?: string } | null)?.source === 'aws.scheduler'
  )
}

function isStreamFailure(body: unknown): body is StreamFailure {
  const { DDBStreamBatchInfo: batch, requestContext } = (body ?? {}) as Partial<StreamFailure>
  return batch?.streamArn !== undefined && requestContext?.functionArn !== undefined
}

/** The jobs that the records from start to end are of, each once; undefined when the stream has dropped them. */
async function idsIn(streams: DynamoDBStreamsClient, batch: StreamFailure['DDBStreamBatchInfo']) {
  const { endSequenceNumber, shardId: ShardId, startSequenceNumber, streamArn: StreamArn } = batch
  const end = BigInt(endSequenceNumber)
  const ids = new Set<string>()
  try {
    const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const, SequenceNumber: startSequenceNumber }
    const first = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...at }))
    let iterator = first.ShardIterator
    while (iterator) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }))
      for (const { dynamodb } of page.Records ?? []) {
        const sequence = BigInt(dynamodb?.SequenceNumber ?? 0)
        if (sequence <= end && dynamodb?.Keys?.id?.S) ids.add(dynamodb.Keys.id.S)
        if (sequence >= end) return [...ids]
      }
      iterator = page.NextShardIterator
    }
    return [...ids]
  } catch (error) {
    // A shard goes with its last record.
    if (/^(TrimmedDataAccess|ResourceNotFound)Exception$/.test((error as Error).name)) return undefined
    throw error
  }
}

/**
 * Writes the row as it stands, with a new version. False when there is none. As the engine's changeRow does; a command
 * does not reach into what is deployed, and this one may be newer or older than that.
 */
async function touch(dynamodb: DynamoDBClient, table: string, id: string): Promise<boolean> {
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: { S: id } },
        UpdateExpression: 'SET version = if_not_exists(version, :one) + :one, updatedAt = :now',
        ConditionExpression: 'attribute_exists(#status)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':one': { N: '1' }, ':now': { S: new Date().toISOString() } },
      }),
    )
    return true
  } catch (error) {
    if ((error as Error).name === 'ConditionalCheckFailedException') return false
    throw error
  }
}
