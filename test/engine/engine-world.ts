import { ManualClock } from '@agent-jobs/local-cloud/clock'
import * as z from 'zod'
import type { Engine } from '../../engine/run/run-job.ts'
import { createRunJob } from '../../engine/run/run-job.ts'
import { requeueLostWorker } from '../../engine/store/overdue.ts'
import type { Agent, JobContext } from '../../sdk/agent.ts'
import { defineAgent } from '../../sdk/define-agent.ts'
import type { Model } from '../../sdk/model.ts'
import { startTable } from './job-table.ts'
import { recordingLog } from './recording-log.ts'

export const lambdaMs = 900_000
const settings = {
  leaseSeconds: 60,
  heartbeatSeconds: 20,
  defaultTimeoutSeconds: 600,
  defaultMaxAttempts: 3,
  resultTtlSeconds: 604_800,
}
const model: Model = {
  async converse(_request, on) {
    on.text('Hm. ')
    const usage = { inputTokens: 10, outputTokens: 5 }
    return { content: [], stopReason: 'end_turn', usage, latencyMs: 100, modelId: 'm' }
  },
}

export type Run = (input: { n?: number }, job: JobContext) => Promise<unknown>

export function agentOf(run: Run, more: object = {}): Agent {
  const input = z.object({ n: z.number().optional() })
  return defineAgent({ name: 'ask', input, output: z.any(), run, ...more }) as Agent
}

/** Knows whether somebody left a timer behind. */
class CountingClock extends ManualClock {
  waiting = 0

  override after(ms: number, callback: () => void): () => void {
    let open = 1
    this.waiting++
    const close = () => {
      this.waiting -= open
      open = 0
    }
    const cancel = super.after(ms, () => {
      close()
      callback()
    })
    return () => {
      close()
      cancel()
    }
  }
}

export type EngineWorld = Awaited<ReturnType<typeof startEngine>>

/** A worker with a table, a clock and a model of its own; its one agent is the function that a test gives. */
export async function startEngine() {
  const table = await startTable()
  const clock = new CountingClock(Date.parse('2026-03-01T10:00:00.000Z'))
  const log = recordingLog()
  const events: { seq: number; type: string; data: string }[] = []
  const mutate: Engine['mutate'] = async (_document, input) => {
    events.push(input as (typeof events)[0])
  }
  const stored: Record<string, string> = {}
  const storeResult: Engine['storeResult'] = async (key, resultData) => {
    stored[key] = resultData
  }
  function engine(run: Run, more: Partial<Engine> = {}): Engine {
    const tables = { jobs: table.jobs, sessionTable: table.sessions, eventTable: table.events }
    const base = { ...tables, agents: { ask: agentOf(run) }, model, mutate }
    return { ...base, storeResult, settings, clock, log, random: () => 1, ...more }
  }
  return {
    table,
    clock,
    log,
    /** What was pushed. */
    events,
    /** The results that went to the bucket, by key. */
    stored,
    engine,
    /** Puts job `a`. */
    async put(values: object = {}) {
      await table.put({ id: 'a', owner: 'me', queryType: 'ask', status: 'PENDING', requestData: '{"n":1}', ...values })
      table.calls.length = 0
    },
    /** Handles a message for job `a` and answers with its row. */
    async runJob(run: Run, more: Partial<Engine> = {}, remainingMs = lambdaMs) {
      await createRunJob(engine(run, more))({ id: 'a', queryType: 'ask' }, () => remainingMs)
      return table.row('a')
    },
    /** What the sweep does when the worker of job `a` has been silent for too long. */
    async lose() {
      await table.put({ ...(await table.row('a')), leaseExpiresAt: clock.now() })
      const error = { code: 'WORKER_LOST', message: 'It is gone.', remediation: 'None.', retryable: true }
      await requeueLostWorker(table.jobs, 'a', error, clock.now())
    },
    [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
  }
}

/** An agent that tells the test when it runs, and then waits for its signal. */
export function waitingAgent(before: (job: JobContext) => void = () => undefined) {
  const running = Promise.withResolvers<JobContext>()
  const run: Run = (_input, job) => {
    before(job)
    running.resolve(job)
    return new Promise((_resolve, reject) => {
      job.signal.addEventListener('abort', () => reject(new Error('the socket was closed')), { once: true })
    })
  }
  return { run, running: running.promise }
}
