import type { Schema } from '@agent-jobs/client'
import { localCloud } from '@agent-jobs/client'
import { Amplify } from 'aws-amplify'
import { generateClient } from 'aws-amplify/data'
import { Hub } from 'aws-amplify/utils'
import { ulid } from 'ulid'
import { expect, test } from 'vitest'
import { amplifyOutputs } from '../cli/outputs/amplify-outputs.ts'
import example from '../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../local/offline-model.ts'
import { startLocal } from '../local/start-local.ts'

type Job = Schema['AgentJob']['type']

test('a front end subscribes, creates a job, and sees it go from PENDING to COMPLETE', async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, localCloud(outputs, await cloud.token('alice')))
  const { AgentJob } = generateClient<Schema>().models

  // The client chooses the id, so that it can subscribe before it submits and misses nothing.
  const id = ulid()
  const seen: Job[] = []
  const acknowledged = subscriptionAck()
  const complete = new Promise<Job>((resolve, reject) => {
    AgentJob.onUpdate({ filter: { id: { eq: id } } }).subscribe({
      next(job) {
        seen.push(job)
        if (job.status === 'COMPLETE') resolve(job)
      },
      error: reject,
    })
  })
  await acknowledged
  const { data: created, errors } = await AgentJob.create({
    id,
    queryType: 'recommendTask',
    requestData: JSON.stringify(example),
  })
  expect(errors).toBeUndefined()
  expect(created).toMatchObject({ id, status: 'PENDING', version: 1 })

  const job = await complete
  expect(seen.map(({ status }) => status)).toEqual(['PENDING', 'PROCESSING', 'COMPLETE'])
  expect(seen.map(({ version }) => version)).toEqual([1, 2, 3])
  const result = JSON.parse(job.resultData as string) as { taskId: string; reason: string }
  expect(example.tasks.map((task) => task.id)).toContain(result.taskId)
  expect(job.usage?.modelId).toBeTruthy()
  expect(job.completedAt).toBeTruthy()

  const { data: got } = await AgentJob.get({ id })
  expect(got).toMatchObject({ id, status: 'COMPLETE', resultData: job.resultData })
  const { data: list } = await AgentJob.list({ filter: { status: { eq: 'COMPLETE' } } })
  expect(list.map((each) => each.id)).toEqual([id])
})

test('observeQuery keeps the list of jobs live', async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, localCloud(outputs, await cloud.token('alice')))
  const { AgentJob } = generateClient<Schema>().models
  const acknowledged = subscriptionAck(3)
  const complete = new Promise<Job[]>((resolve, reject) => {
    AgentJob.observeQuery().subscribe({
      next: ({ items }) => {
        if (items.length === 2 && items.every(({ status }) => status === 'COMPLETE')) resolve(items)
      },
      error: reject,
    })
  })
  await acknowledged
  for (const id of ['first', 'second'])
    await AgentJob.create({ id, queryType: 'recommendTask', requestData: JSON.stringify(example) })
  expect((await complete).map(({ id }) => id).sort()).toEqual(['first', 'second'])
})

/** Resolves when Amplify has the acknowledgement of its next `count` subscriptions. */
function subscriptionAck(count = 1): Promise<void> {
  return new Promise((resolve) => {
    let left = count
    const stop = Hub.listen('api', ({ payload }) => {
      if (payload.event !== 'Subscription ack') return
      left -= 1
      if (left > 0) return
      stop()
      resolve()
    })
  })
}
