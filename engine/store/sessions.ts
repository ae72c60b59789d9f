import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { isoTime } from '../clock.ts'
import { SESSION_TTL_SECONDS } from '../job/due.ts'
import type { Job } from '../job/job.ts'
import { isJobStatus, isOver } from '../job/job.ts'
import { readJob } from '../job/read-job.ts'
import type { JobTable } from './write.ts'
import { conditional } from './write.ts'

/** One item a session: the ids of its turns that are not over, in the order in which they run. */
export interface SessionTable {
  documents: DynamoDBDocumentClient
  table: string
}

/** Ids; undefined where a hand has put something else, which keeps its place until its turn comes. */
export type Turns = (string | undefined)[]

/** The turns as they stand now; none of a session that nobody waits in. */
export async function readTurns({ documents, table }: SessionTable, sessionKey: string): Promise<Turns> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: table, Key: { sessionKey }, ConsistentRead: true, ProjectionExpression: 'turns' }),
  )
  return turnsOf(Item)
}

/** Puts a turn at the end of its session, unless it is in it; `createAgentJob` does the same. Answers with the turns then. */
export async function appendTurn(sessions: SessionTable, sessionKey: string, id: string, now: number): Promise<Turns> {
  const { documents, table } = sessions
  let turns: Turns | undefined
  await conditional(async () => {
    const { Attributes } = await documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { sessionKey },
        ConditionExpression: 'NOT contains(turns, :id)',
        UpdateExpression: 'SET turns = list_append(if_not_exists(turns, :none), :turn), #ttl = :ttl, updatedAt = :now',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':id': id,
          ':none': [],
          ':turn': [id],
          ':ttl': Math.floor(now / 1000) + SESSION_TTL_SECONDS,
          ':now': isoTime(now),
        },
        ReturnValues: 'ALL_NEW',
      }),
    )
    turns = turnsOf(Attributes)
  })
  return turns ?? readTurns(sessions, sessionKey)
}

/** Takes off the turn at `place`, and the item with the last one. Undefined when the turns are others than those given. */
export async function takeTurnOff(
  { documents, table: TableName }: SessionTable,
  sessionKey: string,
  { turns, place }: { turns: Turns; place: number },
  now: number,
): Promise<Turns | undefined> {
  const here = { TableName, Key: { sessionKey } }
  const turn = turns[place]
  const isIt = turn === undefined ? `NOT attribute_type(turns[${place}], :turn)` : `turns[${place}] = :turn`
  const only = {
    ...here,
    ConditionExpression: `size(turns) = :one AND ${isIt}`,
    ExpressionAttributeValues: { ':one': 1, ':turn': turn ?? 'S' },
  }
  const ofMany = {
    ...here,
    ConditionExpression: isIt,
    UpdateExpression: `REMOVE turns[${place}] SET updatedAt = :now`,
    ExpressionAttributeValues: { ':turn': turn ?? 'S', ':now': isoTime(now) },
  }
  const taken = await conditional(() =>
    turns.length === 1 ? documents.send(new DeleteCommand(only)) : documents.send(new UpdateCommand(ofMany)),
  )
  return taken ? turns.toSpliced(place, 1) : undefined
}

function turnsOf(item: Record<string, unknown> | undefined): Turns {
  return Array.isArray(item?.turns) ? item.turns.map((turn) => (typeof turn === 'string' ? turn : undefined)) : []
}

/** The turn of this session with this id as it stands now, without its bodies; undefined when it is over, gone, or no turn of it. */
export async function readLiveTurn(
  { documents, table }: JobTable,
  sessionKey: string,
  id: string | undefined,
  now: number,
): Promise<Job | undefined> {
  if (!id) return undefined
  const { Item } = await documents.send(
    new GetCommand({
      TableName: table,
      Key: { id },
      ConsistentRead: true,
      ProjectionExpression: 'id, #owner, queryType, #status, priority, sessionKey, runAt',
      ExpressionAttributeNames: { '#owner': 'owner', '#status': 'status' },
    }),
  )
  if (!Item || !isJobStatus(Item.status) || isOver(Item.status) || Item.sessionKey !== sessionKey) return undefined
  return readJob(Item, isoTime(now))
}
