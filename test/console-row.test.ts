import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { expect, test } from 'vitest'
import example from '../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../local/offline-model.ts'
import { startLocal } from '../local/start-local.ts'
import { subscribe } from './graphql-client.ts'

test('a row put into the table by hand is run, and pushed to the owner it names', async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const table = documents(cloud.url)
  const alice = await cloud.token('alice')
  const sub = JSON.parse(Buffer.from(alice.split('.')[1] as string, 'base64url').toString()).sub as string
  await using updates = await subscribe<{ onUpdateAgentJob: { id: string; status: string; version: number } }>(
    cloud,
    alice,
    'subscription { onUpdateAgentJob { id status version createdAt } }',
  )
  await table.send(
    new PutCommand({
      TableName: cloud.outputs.AgentJobTableName,
      Item: {
        id: 'by-hand',
        owner: sub,
        queryType: 'recommendTask',
        status: 'PENDING',
        requestData: JSON.stringify(example),
      },
    }),
  )
  const seen = await updates.until(({ onUpdateAgentJob: job }) => job.status === 'COMPLETE')
  expect(seen.map(({ onUpdateAgentJob: { status, version } }) => [status, version])).toEqual([
    ['PENDING', 1],
    ['PROCESSING', 2],
    ['COMPLETE', 3],
  ])
})

test('a row by hand with only id, queryType, status and requestData is run; only admins see it', async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const table = documents(cloud.url)
  await using admin = await subscribe<{ onUpdateAgentJob: { id: string; status: string } }>(
    cloud,
    await cloud.token('admin'),
    'subscription { onUpdateAgentJob { id status } }',
  )
  await using alice = await subscribe<{ onUpdateAgentJob: { id: string; status: string } }>(
    cloud,
    await cloud.token('alice'),
    'subscription { onUpdateAgentJob { id status } }',
  )
  const Item = { id: 'bare', queryType: 'recommendTask', status: 'PENDING', requestData: JSON.stringify(example) }
  await table.send(new PutCommand({ TableName: cloud.outputs.AgentJobTableName, Item }))
  await admin.until(({ onUpdateAgentJob: job }) => job.status === 'COMPLETE')
  expect(alice.seen).toEqual([])
  const { Item: row } = await table.send(
    new GetCommand({ TableName: cloud.outputs.AgentJobTableName, Key: { id: 'bare' } }),
  )
  expect(row).toMatchObject({ status: 'COMPLETE', attempt: 1, maxAttempts: 3, version: 3 })
  expect(row?.createdAt).toBeTruthy()
})

function documents(endpoint: string): DynamoDBDocumentClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: 'us-east-1', credentials }))
}
