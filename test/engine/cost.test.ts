import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EngineWorld, startEngine, waitingAgent } from './engine-world.ts'

// On-demand prices of us-east-1 in dollars: a million of DynamoDB's units; an hour of 512 MB on arm64; AppSync's 5 KB.
const READ_UNITS = 0.125 / 1e6
const WRITE_UNITS = 0.625 / 1e6
const PUSHED_MESSAGES = 2 / 1e6
const LAMBDA_HOUR = 0.024
// What a push leaves out is not paid for; AppSync takes no more.
const MAX_PUSH_BYTES = 240_000

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

/** What an hour of one waiting job costs in the table and in pushes, by what its calls say that they consumed. */
async function costOfAnHour(values: object): Promise<number> {
  const { table, clock, put, runJob } = world
  await put({ timeoutSeconds: 7_200, ...values })
  const spent = { reads: 0, writes: 0, pushed: 0 }
  const send = table.documents.send.bind(table.documents) as (command: unknown) => Promise<unknown>
  let underWay = 0
  table.documents.send = (async (command: { input: object; constructor: { name: string } }) => {
    Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' })
    underWay++
    try {
      const answer = (await send(command)) as { ConsumedCapacity: { CapacityUnits: number } }
      const { CapacityUnits } = answer.ConsumedCapacity
      if (command.constructor.name === 'UpdateCommand') {
        spent.writes += CapacityUnits
        spent.pushed += Math.min(MAX_PUSH_BYTES, CapacityUnits * 1_024)
      } else spent.reads += CapacityUnits
      return answer
    } finally {
      underWay--
    }
  }) as never
  const { run, running } = waitingAgent()
  const ended = runJob(run, {}, 8_000_000)
  await running
  for (let step = 0; step < 2_400; step++) {
    await clock.advance(1_500)
    while (underWay > 0) await new Promise((resolve) => setImmediate(resolve))
  }
  table.documents.send = send as never
  await table.cancel('a')
  await clock.advance(1_500)
  await ended
  return spent.reads * READ_UNITS + spent.writes * WRITE_UNITS + (spent.pushed / 5_120) * PUSHED_MESSAGES
}

describe('an hour of a job that waits for its model', () => {
  test.each([
    ['2 KB', 2_000, 0.1],
    ['60 KB', 60_000, 0.6],
    ['256 KB', 256_000, 1],
  ])('costs with a request of %s less than its Lambda', { timeout: 120_000 }, async (_size, bytes, share) => {
    const requestData = JSON.stringify({ n: 1, text: 'x'.repeat(bytes) })
    expect(await costOfAnHour({ requestData })).toBeLessThan(LAMBDA_HOUR * share)
  })
})
