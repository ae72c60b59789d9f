import { scripted } from '../../local/scripted-model.ts'
import { startLocal } from '../../local/start-local.ts'
import { graphql } from '../graphql-client.ts'

// The cloud that kill-9.test.ts kills: `node kill-9-cloud.ts <state folder> <number of jobs>`, with the system's clock.
const [state, count] = [process.argv[2] as string, Number(process.argv[3])]
// A quarter of the jobs is done in a moment, the others are in the middle of their answer when the end comes.
const model = scripted((job) => [{ does: 'answer', everyMs: Number(job.slice(4)) % 4 === 0 ? 10 : 1_000, words: 60 }], {
  job: (data) => (data as { key: string }).key,
})
const cloud = await startLocal({ state, model, agents: 'test/faults/agents.ts' })
const token = await cloud.token('alice')
const { Table } = await cloud.dynamodb.call('DescribeTable', { TableName: cloud.outputs.AgentJobTableName })
const changes = cloud.dynamodb.openStream((Table as { LatestStreamArn: string }).LatestStreamArn, 'TRIM_HORIZON')

let next = 0
const submit = async () => {
  while (next < count) {
    const id = `job-${next++}`
    // Of each ten, one is a turn of a session and one starts in a minute.
    const n = next % 10
    const more = { sessionId: n === 1 ? `session-${next % 3}` : undefined }
    const runAt = n === 2 ? new Date(Date.now() + 60_000).toISOString() : undefined
    const input = { id, queryType: 'ask', requestData: JSON.stringify({ key: id }), runAt, ...more }
    const create = 'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }'
    const { errors } = await graphql(cloud, token, create, { input })
    if (errors) throw new Error(JSON.stringify(errors))
  }
}
await Promise.all(Array.from({ length: 16 }, submit))

let complete = 0
while (complete < 20) {
  for (const { dynamodb } of await changes.next(100)) if (dynamodb?.NewImage?.status?.S === 'COMPLETE') complete++
}
process.send?.('in flight')
