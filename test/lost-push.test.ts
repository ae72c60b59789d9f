import { Amplify } from 'aws-amplify'
import { expect, test, vi } from 'vitest'
import { amplifyOutputs } from '../client/amplify-outputs.ts'
import { submitJob } from '../client/live-job.ts'
import { useLocalCloud } from '../client/local.ts'
import example from '../examples/recommendTask.json' with { type: 'json' }
import { offline } from '../local/bedrock/index.ts'
import { startLocal } from '../local/cloud.ts'

// A subscription that AppSync acknowledged, and on which nothing ever arrives.
vi.mock('../client/subscribe.ts', async (original) => ({
  ...(await original<typeof import('../client/subscribe.ts')>()),
  subscribe: () => ({ ready: Promise.resolve(), unsubscribe: () => {} }),
}))

test('a job whose pushes were all lost is read a little later', async () => {
  await using cloud = await startLocal({ model: offline({ paceMs: 0 }) })
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, useLocalCloud(outputs, { username: 'alice' }))
  const seen: string[] = []
  for await (const { status } of submitJob('recommendTask', example)) seen.push(status)
  expect(seen).toEqual(['COMPLETE'])
})
