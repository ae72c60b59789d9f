import { randomUUID } from 'node:crypto'
import type { Agent } from '../../sdk/agent.ts'
import type { Clock } from '../../sdk/clock.ts'
import { PermanentFailure } from '../../sdk/failures.ts'
import type { Model } from '../../sdk/model.ts'
import type { ClaimedJob, JobResult } from '../job/job.ts'
import { invalidInput, invalidRequestData, resultTooLarge, unknownAgent } from '../job/job-errors.ts'
import type { Log } from '../log.ts'
import type { Mutate } from '../push/mutations.ts'
import { insisting, untilTaken } from '../retry.ts'
import type { EventTable } from '../store/checkpoints.ts'
import { readCheckpoint } from '../store/checkpoints.ts'
import { addToCancelled } from '../store/leased.ts'
import type { StoreResult } from '../store/results.ts'
import { resultKey } from '../store/results.ts'
import type { SessionTable } from '../store/sessions.ts'
import type { JobTable, Lease } from '../store/write.ts'
import { runAsSuspect } from './agent-faults.ts'
import { claimJob } from './claim-job.ts'
import type { RunEnd } from './end.ts'
import { endByFault, writeRunEnd } from './end.ts'
import type { JobEvents } from './events.ts'
import { createJobEvents } from './events.ts'
import { readFault } from './read-fault.ts'
import { roomBeside } from './report.ts'
import type { JobRun } from './start-run.ts'
import { startRun } from './start-run.ts'

/** What travels through the queues: a job's name, never its content. The row says all the rest. */
export interface JobMessage {
  id: string
  /** Tells the worker which agent's limits to claim by, before it has read the row. */
  queryType?: string
  /** Of a turn: spares the worker a claim that is refused before it knows whose turn it is. */
  sessionKey?: string
}

/**
 * Runs the job that a message names, within the time that its host has left, asked for once the job is claimed: Infinity
 * where nothing ends it. When it resolves, the message is done with; when it rejects, the message must come again.
 */
export type RunJob = (message: JobMessage, remainingMs: () => number) => Promise<void>

export interface EngineSettings {
  leaseSeconds: number
  heartbeatSeconds: number
  /** Of a job whose agent sets none. */
  defaultTimeoutSeconds: number
  defaultMaxAttempts: number
  resultTtlSeconds: number
}

/** What runs jobs, and all that it needs from whoever hosts it. */
export interface Engine {
  jobs: JobTable
  sessionTable: SessionTable
  eventTable: EventTable
  agents: Record<string, Agent>
  model: Model
  mutate: Mutate
  storeResult: StoreResult
  settings: EngineSettings
  clock: Clock
  log: Log
  /** From 0 to 1; spreads the retries. */
  random: () => number
  /** Aborts when the host shuts down: each run then hands its job over, within two seconds. */
  closing?: AbortSignal
}

// An API that is down for longer must not keep the result from its row: events still waiting then are given up.
const FLUSH_MS = 60_000
// What a row holds of a result; above that it goes to S3. A push would have to leave it out anyway.
const MAX_BYTES_IN_ROW = 200_000
// What getAgentJob answers with, at most.
const MAX_RESULT_BYTES = 2_000_000
const PREVIEW_CHARS = 1_000
const STORE_TRIES = 5

/** Claims one job, runs its agent, and writes how it ended. What is thrown from here is a fault of the engine's surroundings. */
export function createRunJob(engine: Engine): RunJob {
  const { clock, log } = engine
  return async (message, remainingMs) => {
    if (engine.closing?.aborted)
      throw new Error(`The worker shuts down; it takes no job any more, and not ${message.id}`)
    const lease = { id: message.id, token: randomUUID() }
    const maxAttempts = agentNamed(engine.agents, message.queryType)?.maxAttempts ?? engine.settings.defaultMaxAttempts
    const job = await claimJob(engine, lease, message.sessionKey, maxAttempts)
    // Another worker has it, it is over, or it waits for an earlier turn or a later start: then another message will come.
    if (!job) return log.debug('Nothing to claim', { jobId: message.id })
    const { run, events } = await startJob(engine, job, lease, remainingMs)
    const end = await runAgent(engine, job, run)
    const flushEnd = clock.now() + FLUSH_MS
    await events.close(() => Math.min(run.deadline(), flushEnd))
    run.end()
    await run.idle()
    await writeEnd(engine, job, lease, end, run)
  }
}

async function startJob(
  engine: Engine,
  job: ClaimedJob,
  lease: Lease,
  remainingMs: () => number,
): Promise<{ run: JobRun; events: JobEvents }> {
  const { eventTable, agents, mutate, settings, clock, random, log } = engine
  const agent = agentNamed(agents, job.queryType)
  const timeoutSeconds = job.timeoutSeconds ?? agent?.timeoutSeconds ?? settings.defaultTimeoutSeconds
  const ttl = job.ttl ?? Math.floor(clock.now() / 1000) + timeoutSeconds + settings.resultTtlSeconds
  const events = createJobEvents(job, { mutate, clock, random, ttl, log })
  const resumed = await readCheckpoint(eventTable, job, agent?.checkpointFormat, log)
  const run = startRun(job, {
    ...engine,
    lease,
    events,
    ttl,
    resumed,
    checkpointFormat: agent?.checkpointFormat,
    leaseMs: settings.leaseSeconds * 1000,
    heartbeatMs: settings.heartbeatSeconds * 1000,
    timeoutMs: timeoutSeconds * 1000,
    stallSeconds: agent?.stallSeconds,
    // Asked after the read, which may have taken its time.
    remainingMs: remainingMs(),
  })
  return { run, events }
}

async function runAgent(engine: Engine, job: ClaimedJob, run: JobRun): Promise<RunEnd> {
  const { agents, clock, log, random } = engine
  try {
    const agent = agentNamed(agents, job.queryType)
    if (!agent) throw unknownAgent(job.queryType, Object.keys(agents))
    const input = await runAsSuspect(job, run, () => readInput(agent, job))
    run.context.signal.throwIfAborted()
    // An agent may be deaf to its signal; the job does not wait for it.
    const output = await Promise.race([runAsSuspect(job, run, () => agent.run(input, run.context)), run.stopped])
    const keeping = keepResult(engine, job, JSON.stringify(output) ?? 'null')
    return { kind: 'complete', result: await Promise.race([keeping, run.stopped]) }
  } catch (thrown) {
    // What an agent throws once it is aborted is only an echo of the reason.
    const { aborted, reason } = run.context.signal
    // A checkpoint that is being written counts: the model call before it is paid for.
    await run.idle()
    const state = { report: run.report.latest, elapsedMs: run.elapsedMs(), now: clock.now(), random: random() }
    const end = endByFault(job, aborted ? reason : readFault(thrown), state)
    if (end.kind === 'fail' && end.bug) {
      log.error('The agent threw an error of its own', { jobId: job.id, queryType: job.queryType, error: end.bug })
    }
    return end
  }
}

/** A result that is too large for its row goes to S3 before the row says where it is. */
async function keepResult(
  { storeResult, clock, random }: Engine,
  job: ClaimedJob,
  resultData: string,
): Promise<JobResult> {
  const bytes = Buffer.byteLength(resultData)
  if (bytes <= Math.min(MAX_BYTES_IN_ROW, roomBeside(job))) return { resultData }
  if (bytes > MAX_RESULT_BYTES) throw resultTooLarge(job, bytes, MAX_RESULT_BYTES)
  const key = resultKey(job)
  // What was paid for is not thrown away for one fault of the store.
  await untilTaken(() => storeResult(key, resultData), { clock, random, tries: STORE_TRIES })
  return { resultKey: key, resultPreview: resultData.slice(0, PREVIEW_CHARS) }
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
  { jobs, clock, random, log }: Engine,
  job: ClaimedJob,
  lease: Lease,
  end: RunEnd,
  run: JobRun,
): Promise<void> {
  const about = { jobId: job.id, queryType: job.queryType, attempt: job.attempt }
  const report = run.report.unwritten()
  const insist = (write: () => Promise<boolean>) =>
    untilTaken(write, insisting({ clock, random, log }, { deadline: run.deadline, about }))
  if (await insist(() => writeRunEnd(jobs, lease, end, report, clock.now()))) return
  const isNews = Object.keys(report).length > 0
  const added = isNews && (await insist(() => addToCancelled(jobs, job, report, clock.now())))
  const reason = end.kind === 'lost' ? end.reason : 'It was cancelled or taken over before its end was written.'
  log.info('The run was stopped', { ...about, reason, added })
}

/** An own property only: a job of type "constructor" must not find Object's. */
function agentNamed(agents: Record<string, Agent>, name: string | undefined): Agent | undefined {
  return name !== undefined && Object.hasOwn(agents, name) ? agents[name] : undefined
}
