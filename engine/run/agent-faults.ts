import { AsyncLocalStorage } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import { PermanentFailure } from '../../sdk/failures.ts'
import type { ClaimedJob } from '../job/job.ts'
import type { Log } from '../log.ts'

/**
 * What an agent does beside its promise hits the process, and with it every other run in it: a forgotten `await`, a throw in
 * a timer, process.exit(). Node tells in whose run that happened, so it can end that run alone.
 */

interface Suspect {
  job: ClaimedJob
  /** Ends the run, if it is not over. */
  stop(fault: PermanentFailure): void
}

const running = new AsyncLocalStorage<Suspect>()

/** Runs an agent's code so that its faults are found to be those of this run. */
export function runAsSuspect<T>(job: ClaimedJob, run: { stop(fault: Error): void }, code: () => T): T {
  return running.run({ job, stop: run.stop }, code)
}

/** Whether an agent's code runs now. */
export function isInRun(): boolean {
  return running.getStore() !== undefined
}

/** Has each fault that has a run end that run only. A host calls it once, at its start; what has none stays the host's. */
export function catchAgentFaults(log: Log): void {
  catchEvent('unhandledRejection', (reason) => `left a promise without a catch: ${said(reason)}`, log)
  catchEvent(
    'uncaughtException',
    (error) => `threw outside of its promise, in a timer or a callback: ${said(error)}`,
    log,
  )
  refuseEnds(log)
}

// Lambda's runtime, and whoever else hosts us, has listeners that end the process: they hear of the rest only.
function catchEvent(event: 'unhandledRejection' | 'uncaughtException', tell: (reason: unknown) => string, log: Log) {
  const others = process.rawListeners(event)
  process.removeAllListeners(event)
  process.on(event, (reason: unknown, more: unknown) => {
    // Thrown only to stop the code behind process.exit(), which has been told already.
    if (reason instanceof EndRefused) return
    const suspect = running.getStore()
    if (suspect) return fail(suspect, AGENT_ERROR, tell(reason), log, reason)
    for (const other of others) Reflect.apply(other, process, [reason, more])
    // Nobody else listens: as Node would have it, then.
    if (others.length === 0) {
      log.error("The process ends by a fault that is no agent's", { error: asError(reason) })
      end(1)
    }
  })
}

const end = process.exit.bind(process)

/** process.exit() and its like, called by an agent, end its run; called by anybody else, the process. */
function refuseEnds(log: Log): void {
  const refuse = (name: string, isEnd: (...args: unknown[]) => boolean = () => true) => {
    const original = Reflect.get(process, name) as (...args: unknown[]) => unknown
    const replaced = (...args: unknown[]) => {
      const suspect = running.getStore()
      if (!suspect || !isEnd(...args)) return Reflect.apply(original, process, args)
      const call = `process.${name}(${args.map(said).join(', ')})`
      fail(suspect, AGENT_EXITED, `called ${call}`, log)
      throw new EndRefused(`${call} ends this run, and not the process`)
    }
    Object.defineProperty(process, name, { value: replaced, writable: true, configurable: true })
  }
  refuse('exit')
  refuse('reallyExit')
  refuse('abort')
  // Our own process, or the group that it is in; signal 0 only asks whether it is there.
  refuse('kill', (pid, signal) => (pid === process.pid || Number(pid) <= 0) && signal !== 0)
  // For whoever imports { exit } from node:process.
  syncBuiltinESMExports()
}

/** What process.exit() throws at an agent, as it must not return. */
class EndRefused extends Error {
  override readonly name = 'EndRefused'
}

const AGENT_ERROR = {
  code: 'AGENT_ERROR',
  remediation:
    "Await each promise or catch its error, and catch what a timer, an event or a callback may throw. The log of run-job has the stack, under this job's id.",
}
const AGENT_EXITED = {
  code: 'AGENT_EXITED',
  remediation: 'Let the agent return its result, or throw an error: the process is not its own, others may run in it.',
}

function fail({ job, stop }: Suspect, kind: typeof AGENT_ERROR, did: string, log: Log, cause?: unknown): void {
  const about = { jobId: job.id, queryType: job.queryType, attempt: job.attempt }
  log.error(`The agent ${did}`, { ...about, ...(cause !== undefined && { error: asError(cause) }) })
  stop(new PermanentFailure({ ...kind, message: `Agent ${job.queryType} ${did}`, cause }))
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(said(reason))
}

/** In words; an agent may throw anything, also what cannot be made into text. */
function said(reason: unknown): string {
  try {
    return reason instanceof Error ? String(reason.message) : String(reason)
  } catch {
    return 'something that cannot be shown as text'
  }
}
