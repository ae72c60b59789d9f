import { randomUUID } from 'node:crypto'
import type { Agent, Model } from '../agents/define-agent.ts'
import { PermanentFailure, RetryLater } from '../agents/failures.ts'
import type { Clock } from './clock.ts'
import {
  agentError,
  invalidInput,
  invalidRequestData,
  jobError,
  RunStopped,
  resultTooLarge,
  timedOut,
  unknownAgent,
} from './errors.ts'
import type { ClaimedJob, JobError } from './job.ts'
import { backoffMs, MAX_BACKOFF_MS } from './job.ts'
import { createJobEvents } from './job-events.ts'
import type { JobMessage, RunJob } from './job-message.ts'
import type { JobRun } from './job-run.ts'
import { roomBeside, startRun } from './job-run.ts'
import type { Hold, JobTable, Report } from './job-store.ts'
import { claim, complete, fail, retryLater } from './job-store.ts'
import type { Log } from './log.ts'
import type { Mutate } from './publish.ts'
import type { RunSettings } from './settings.ts'

export interface Engine {
  jobs: JobTable
  agents: Record<string, Agent>
  model: Model
  mutate: Mutate
  settings: Omit<RunSettings, 'graphqlUrl' | 'region' | 'jobTable' | 'modelId'>
  clock: Clock
  log: Log
  /** From 0 to 1; spreads the retries. */
  random: () => number
}

type End =
  | { kind: 'complete'; resultData: string }
  | { kind: 'fail'; error: JobError }
  | { kind: 'retry'; error: JobError; runAt: number }
  | { kind: 'lost'; reason: string }

// An API that is down for longer must not keep the result from its row: events still waiting then are given up.
const FLUSH_MS = 60_000

/** Claims one job, runs its agent, and writes how it ended. What is thrown from here is a fault of the engine's surroundings. */
export function createRunJob(engine: Engine): RunJob {
  const { jobs, agents, clock, log, settings } = engine
  return async ({ id, queryType }: JobMessage, remainingMs) => {
    const hold = { id, token: randomUUID() }
    const maxAttempts = agentNamed(agents, queryType)?.maxAttempts ?? settings.defaultMaxAttempts
    const job = await claim(jobs, hold, { leaseMs: settings.leaseSeconds * 1000, maxAttempts }, clock.now())
    // Another worker has it, it is over, or it waits for a later start, for which another message will come.
    if (!job) return log.debug('Nothing to claim', { jobId: id })
    const run = startJob(engine, job, hold, remainingMs())
    const end = await runAgent(engine, job, run)
    await run.events.close(Math.min(run.deadline, clock.now() + FLUSH_MS))
    run.end()
    await writeEnd(engine, job, hold, end, run)
  }
}

function startJob(
  { jobs, agents, model, mutate, settings, clock, log }: Engine,
  job: ClaimedJob,
  hold: Hold,
  remainingMs: number,
) {
  const timeoutSeconds =
    job.timeoutSeconds ?? agentNamed(agents, job.queryType)?.timeoutSeconds ?? settings.defaultTimeoutSeconds
  const ttl = job.ttl ?? Math.floor(clock.now() / 1000) + timeoutSeconds + settings.resultTtlSeconds
  const events = createJobEvents(job, { mutate, clock, ttl, log })
  const run = startRun(job, {
    jobs,
    hold,
    model,
    events,
    clock,
    log,
    leaseMs: settings.leaseSeconds * 1000,
    heartbeatMs: settings.heartbeatSeconds * 1000,
    timeoutMs: timeoutSeconds * 1000,
    remainingMs,
  })
  return { ...run, events }
}

async function runAgent({ agents, clock, log, random }: Engine, job: ClaimedJob, run: JobRun): Promise<End> {
  try {
    const agent = agentNamed(agents, job.queryType)
    if (!agent) throw unknownAgent(job.queryType, Object.keys(agents))
    const input = await readInput(agent, job)
    // An agent may be deaf to its signal; the job does not wait for it.
    const output = await Promise.race([agent.run(input, run.context), run.stopped])
    const resultData = JSON.stringify(output) ?? 'null'
    const bytes = Buffer.byteLength(resultData)
    if (bytes > roomBeside(job)) throw resultTooLarge(job, bytes, roomBeside(job))
    return { kind: 'complete', resultData }
  } catch (thrown) {
    // What an agent throws once it is aborted is only an echo of the reason.
    const fault: unknown = run.context.signal.aborted ? run.context.signal.reason : thrown
    if (fault instanceof RunStopped && fault.why === 'LOST') return { kind: 'lost', reason: fault.message }
    if (fault instanceof RunStopped) return { kind: 'fail', error: jobError(timedOut(job, fault)) }
    if (fault instanceof PermanentFailure) return { kind: 'fail', error: jobError(fault) }
    if (fault instanceof RetryLater) return retryOrFail(job, fault, clock.now(), random())
    log.error('The agent threw an error of its own', { jobId: job.id, queryType: job.queryType, error: fault as Error })
    return { kind: 'fail', error: jobError(agentError(job, fault)) }
  }
}

function retryOrFail(job: ClaimedJob, fault: RetryLater, now: number, random: number): End {
  const error = jobError(fault)
  if (job.attempt >= (job.maxAttempts ?? 1)) {
    return {
      kind: 'fail',
      error: { ...error, message: `${error.message} (attempt ${job.attempt} of ${job.maxAttempts})` },
    }
  }
  const waitMs = Math.min(MAX_BACKOFF_MS, Math.max(fault.retryAfterMs ?? 0, backoffMs(job.attempt, random)))
  return { kind: 'retry', error, runAt: now + waitMs }
}

async function readInput(agent: Agent, { queryType, requestData }: ClaimedJob): Promise<unknown> {
  let input: unknown
  try {
    if (requestData === undefined) throw invalidRequestData(requestData)
    input = JSON.parse(requestData)
  } catch (fault) {
    throw fault instanceof PermanentFailure ? fault : invalidRequestData(requestData, fault)
  }
  const checked = await agent.input.safeParseAsync(input)
  if (!checked.success) throw invalidInput(queryType, checked.error)
  return checked.data
}

async function writeEnd(
  { jobs, clock, log }: Engine,
  job: ClaimedJob,
  hold: Hold,
  end: End,
  run: JobRun,
): Promise<void> {
  const about = { jobId: job.id, queryType: job.queryType, attempt: job.attempt }
  if (end.kind === 'lost') return log.info('The run was stopped', { ...about, reason: end.reason })
  const written = await settle(jobs, hold, end, run.unwritten(), clock.now())
  if (!written) log.info('The job had been cancelled or taken over; its end was not written', about)
}

function settle(jobs: JobTable, hold: Hold, end: Exclude<End, { kind: 'lost' }>, report: Report, now: number) {
  switch (end.kind) {
    case 'complete':
      return complete(jobs, hold, end.resultData, report, now)
    case 'fail':
      return fail(jobs, hold, end.error, report, now)
    case 'retry':
      return retryLater(jobs, hold, end.error, end.runAt, report, now)
  }
}

/** An own property only: a job of type "constructor" must not find Object's. */
function agentNamed(agents: Record<string, Agent>, name: string | undefined): Agent | undefined {
  return name !== undefined && Object.hasOwn(agents, name) ? agents[name] : undefined
}
