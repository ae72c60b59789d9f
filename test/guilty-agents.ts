import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { defineAgent } from '../sdk/define-agent.ts'

const agent = (name: string, run: () => unknown) =>
  defineAgent({ name, input: z.object({}), output: z.any(), run: async () => run() })

const forever = () => new Promise<never>(() => {})
const MB = 1024 * 1024

/** Runs for seconds, with pauses as an agent has them. */
export const innocent = agent('innocent', async () => {
  for (let n = 0; n < 30; n++) await sleep(100)
  return 'done'
})

export const spins = agent('spins', () => {
  for (;;);
})

export const spinsInMicrotasks = agent('spinsInMicrotasks', async () => {
  for (;;) await undefined
})

export const exits = agent('exits', () => process.exit(0))

export const exitsWithOne = agent('exitsWithOne', () => process.exit(1))

export const killsItself = agent('killsItself', () => process.kill(process.pid, 'SIGKILL'))

export const throwsInTimer = agent('throwsInTimer', () => {
  setTimeout(() => {
    throw new Error('in a timer')
  }, 10)
  return forever()
})

export const forgetsAwait = agent('forgetsAwait', async () => {
  const save = async () => {
    await sleep(10)
    throw new Error('not saved')
  }
  void save()
  return forever()
})

export const rejects = agent('rejects', () => {
  void Promise.reject(new Error('nobody caught it'))
  return forever()
})

export const fillsArrays = agent('fillsArrays', () => {
  const kept: unknown[] = []
  for (;;) kept.push(new Array(1_000).fill(1))
})

export const fillsBuffers = agent('fillsBuffers', async () => {
  const kept: Buffer[] = []
  for (;;) {
    kept.push(Buffer.alloc(10 * MB, 1))
    await sleep(1)
  }
})

export const recurses = agent('recurses', () => {
  const down = (): number => down() + 1
  return down()
})

export const emptiesEnvironment = agent('emptiesEnvironment', () => {
  for (const name of Object.keys(process.env)) delete process.env[name]
})

export const pollutes = agent('pollutes', () => {
  Object.assign(Object.prototype, { polluted: true })
})

export const agents = {
  innocent,
  spins,
  spinsInMicrotasks,
  exits,
  exitsWithOne,
  killsItself,
  throwsInTimer,
  forgetsAwait,
  rejects,
  fillsArrays,
  fillsBuffers,
  recurses,
  emptiesEnvironment,
  pollutes,
}
