import { localCloud, submitJob } from '@agent-jobs/client'
import { Amplify } from 'aws-amplify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { amplifyOutputs } from '../../cli/outputs/amplify-outputs.ts'
import { scripted } from '../../local/scripted-model.ts'
import { startLocal } from '../../local/start-local.ts'

test('a front end whose socket is cut sees the end of its job all the same', async () => {
  let goOn = () => {}
  const cut = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const model = scripted([{ does: 'answer', value: { answer: 'yes' } }])
  const cloud = await startLocal({
    agents: 'test/faults/agents.ts',
    faults: true,
    // The answer waits until the socket was cut and the client has looked once more: then the end is pushed to nobody.
    model: async function* (request, modelId, signal) {
      await cut
      yield* model(request, modelId, signal)
    },
  })
  onTestFinished(() => cloud.close())
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, localCloud(outputs, await cloud.token('alice')))

  const looked = untilRead()
  const seen: { status: string; version: number }[] = []
  for await (const job of submitJob('ask', { key: 'a' })) {
    seen.push(job)
    if (job.status !== 'PROCESSING') continue
    cloud.faults.cutSockets()
    void looked.then(goOn)
  }
  expect(seen.at(-1)).toMatchObject({ status: 'COMPLETE', resultData: '{"answer":"yes"}' })
  const versions = seen.map(({ version }) => version)
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
})

/** Resolves when the client has been answered how its job stands. */
function untilRead(): Promise<void> {
  const { fetch } = globalThis
  return new Promise((resolve) => {
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const response = await fetch(input, init)
      if (String(init?.body).includes('getAgentJob')) resolve()
      return response
    })
    onTestFinished(() => spy.mockRestore())
  })
}
