import { localCloud, submitJob } from '@agent-jobs/client'
import { Amplify } from 'aws-amplify'
import { expect, test, vi } from 'vitest'
import { amplifyOutputs } from '../../cli/outputs/amplify-outputs.ts'
import example from '../../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../../local/offline-model.ts'
import { startLocal } from '../../local/start-local.ts'

// A subscription that AppSync acknowledged, and on which nothing ever arrives.
vi.mock('../../packages/client/src/subscribe.ts', async (original) => ({
  ...(await original<typeof import('../../packages/client/src/subscribe.ts')>()),
  subscribe: () => ({ ready: Promise.resolve(), unsubscribe: () => {} }),
}))

test('a job whose pushes were all lost is read a little later', async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, localCloud(outputs, { username: 'alice' }))
  const seen: string[] = []
  for await (const { status } of submitJob('recommendTask', example)) seen.push(status)
  expect(seen).toEqual(['COMPLETE'])
})
