import { EventEmitter } from 'node:events'
import { exit } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { catchAgentFaults } from '../../engine/run/agent-faults.ts'
import { keepGlobals } from '../../engine/run/keep-globals.ts'
import { createRunJob } from '../../engine/run/run-job.ts'
import { agentOf, lambdaMs, type Run, startEngine } from './engine-world.ts'

/** A process that hosts the engine: runs guilty agents among innocent ones, and prints their rows. */
const forever = () => new Promise<never>(() => {})

const guilty: Record<string, Run> = {
  async forgetsAwait() {
    const save = async () => {
      await sleep(1)
      throw new Error('no such folder')
    }
    void save()
    return forever()
  },
  async rejectsWithNothing() {
    void Promise.reject()
    return forever()
  },
  async rejectsWithNoText() {
    void Promise.reject(Object.create(null))
    return forever()
  },
  async throwsInTimer() {
    setTimeout(() => {
      throw new Error('in a timer')
    }, 1)
    return forever()
  },
  async throwsInListener() {
    setTimeout(() => new EventEmitter().emit('error', new Error('nobody listens')), 1)
    return forever()
  },
  exits: async () => process.exit(0),
  async exitsInTimer() {
    setTimeout(() => exit(1), 1)
    return forever()
  },
  aborts: async () => process.abort(),
  kills: async () => process.kill(process.pid, 'SIGKILL'),
  async emptiesEnvironment() {
    for (const name of Object.keys(process.env)) delete process.env[name]
  },
  async replacesEnvironment() {
    process.env = {}
  },
  async extendsObjects() {
    Object.assign(Object.prototype, { polluted: true })
  },
  async replacesJson() {
    JSON.stringify = () => '{}'
  },
  async replacesTimers() {
    globalThis.setTimeout = (() => 0) as never
    throw new Error('timers are gone')
  },
  async exitsAndCatches() {
    try {
      process.exit(3)
    } catch {
      return 'went on'
    }
  },
}
const innocent: Run = async () => {
  await sleep(400)
  process.kill(process.pid, 0)
  process.env.OF_THE_AGENT = 'x'
  return 'done'
}
const afterwards: Run = async () => {
  setTimeout(() => void Promise.reject(new Error('too late')), 100)
  return 'done'
}

const world = await startEngine()
catchAgentFaults(world.log)
keepGlobals()
const runs = { ...guilty, innocent, afterwards }
const agents = Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, agentOf(run)]))
const runJob = createRunJob(world.engine(innocent, { agents }))
for (const queryType of Object.keys(runs)) {
  await world.table.put({ id: queryType, owner: 'me', queryType, status: 'PENDING', requestData: '{}' })
}
await Promise.all(Object.keys(runs).map((id) => runJob({ id }, () => lambdaMs)))
await sleep(200)
console.log(JSON.stringify(await Promise.all(Object.keys(runs).map((id) => world.table.row(id)))))
await world[Symbol.asyncDispose]()
// What no run has caused is the host's, as ever.
void Promise.reject(new Error('of the host itself'))
await sleep(1_000)
console.log('lives on')
