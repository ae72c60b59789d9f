import type * as z from 'zod'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { isoTime } from '../clock.ts'
import type { ClaimedJob, Delay, Job, JobError, PendingJob } from './job.ts'

// The row has 50 KB for all of an error.
const MAX_MESSAGE_CHARS = 4_000
const MAX_DETAILS_CHARS = 10_000

/** What the owner is told about a failure; `retryable` follows its kind. */
export function jobError(failure: PermanentFailure | RetryLater): JobError {
  const details = detailsOf(failure)
  return {
    code: failure.code,
    message: failure.message.slice(0, MAX_MESSAGE_CHARS),
    remediation: failure.remediation.slice(0, MAX_MESSAGE_CHARS),
    retryable: failure instanceof RetryLater,
    // Cut JSON is no JSON: details that are too long are left out.
    ...(details && details.length <= MAX_DETAILS_CHARS && { details }),
  }
}

/** Details that JSON cannot hold are no reason to hide the failure they belong to. */
function detailsOf(failure: PermanentFailure | RetryLater): string | undefined {
  try {
    return JSON.stringify(failure.details)
  } catch {
    return undefined
  }
}

export function unknownAgent(queryType: string, agents: string[]): PermanentFailure {
  return new PermanentFailure({
    code: 'UNKNOWN_AGENT',
    message: `queryType must name an agent, got ${JSON.stringify(queryType)}. There are: ${agents.join(', ') || 'none'}.`,
    remediation: 'Submit the job with one of these names, or add the agent to agents/index.ts and deploy.',
    details: { queryType, agents },
  })
}

export function invalidRequestData(requestData: string | undefined, fault?: unknown): PermanentFailure {
  const got = requestData === undefined ? 'nothing' : `${shortened(requestData)} (${(fault as Error).message})`
  return new PermanentFailure({
    code: 'INVALID_REQUEST_DATA',
    message: `requestData must be JSON text, got ${got}.`,
    remediation: 'Submit the input of the agent as JSON text, such as JSON.stringify(input).',
  })
}

export function invalidInput(queryType: string, { issues }: z.ZodError): PermanentFailure {
  const said = issues.map(({ path, message }) => `${path.join('.') || 'the input'}: ${message}`)
  return new PermanentFailure({
    code: 'INVALID_INPUT',
    message: `The input of ${queryType} is refused. ${said.join('; ')}`,
    remediation: `Correct the fields that are named, and submit the job again; the input schema of ${queryType} says what may come.`,
    details: { issues },
  })
}

export function timedOut({ queryType }: Job, { message }: Error): PermanentFailure {
  return new PermanentFailure({
    code: 'TIMEOUT',
    message,
    remediation: `Break it into smaller parts or raise the time-out: timeoutSeconds of the job, or timeout of agent ${queryType}.`,
  })
}

/** The worker's time ended, and another one would only begin where this one did. */
export function notResumable({ queryType }: Job, { message }: Error): PermanentFailure {
  return new PermanentFailure({
    code: 'TIMEOUT',
    message: `${message} It cannot go on in another one, as agent ${queryType} made no checkpoint in that time.`,
    remediation: `Break it into smaller parts, or let agent ${queryType} call job.checkpoint at least once in that time and go on from job.resumed. An agent that is a prompt does so after every turn: with it, one call to the model took too long, so ask for less in one call.`,
  })
}

export function expired({ deadline, runAt, createdAt }: PendingJob & { deadline: string }): JobError {
  return {
    code: 'EXPIRED',
    message: `The job was not started by its deadline, ${deadline}; it was created at ${createdAt}${runAt ? ` to start at ${runAt}` : ''}.`,
    remediation:
      'Retry the job, which then has no deadline, or submit it with a later one. If jobs wait for long, raise maxConcurrency of their queue.',
    retryable: true,
  }
}

/** What the owner reads while the job waits for its next start; `until` is when it gives up. */
export function waiting(error: JobError, runAt: number, until?: number): Delay {
  const patience = until === undefined ? '' : `, until ${isoTime(until)}`
  return { error: { ...error, message: `${error.message}, again at ${isoTime(runAt)}${patience}` }, runAt }
}

export function gaveUp(error: JobError, why: string): JobError {
  return { ...error, message: `${error.message} (${why})` }
}

export function resultTooLarge({ queryType }: Job, bytes: number, room: number): PermanentFailure {
  return new PermanentFailure({
    code: 'RESULT_TOO_LARGE',
    message: `The result of ${queryType} has ${bytes} bytes; the API can answer with ${room}.`,
    remediation: 'Ask for less in one job, or let the agent store the result elsewhere and return where it is.',
    details: { bytes, room },
  })
}

export function agentError({ queryType }: Job, fault: Error): PermanentFailure {
  return new PermanentFailure({
    code: 'AGENT_ERROR',
    message: `Agent ${queryType} failed: ${fault.message}`,
    remediation: `This is a fault in the agent's code. The log of run-job has its stack, under this job's id.`,
    cause: fault,
  })
}

/** `spent`: why the job is not tried again, if it is not. */
export function workerLost({ attempt }: ClaimedJob, spent: string | undefined): JobError {
  const message = `The worker of attempt ${attempt} stopped without a word: it crashed, ran out of memory, or lost its connection.`
  if (!spent) {
    return { code: 'WORKER_LOST', message, remediation: 'Nothing to do: the job starts again.', retryable: true }
  }
  return {
    code: 'WORKER_LOST',
    message: `${message} That was the last one (${spent}).`,
    remediation:
      'Look for this job in the log of run-job. Give the function more memory or the job less work, and retry it.',
    retryable: true,
  }
}

export function notDispatched({ message }: Error): JobError {
  return {
    code: 'NOT_DISPATCHED',
    message: `The job can never be put into its queue: ${message.slice(0, MAX_MESSAGE_CHARS)}`,
    remediation:
      'What the message is made of is wrong: id, queryType, sessionKey or owner of the row. Submit the job again, with values that createAgentJob takes.',
    retryable: false,
  }
}

export function notStarted({ createdAt, touches }: PendingJob, now: number): JobError {
  return {
    code: 'NOT_STARTED',
    message: `No worker took the job until ${isoTime(now)}, though it was put into its queue ${touches + 1} times; it was created at ${createdAt}.`,
    remediation:
      'Look into the log of run-job, which says why it cannot start; whether its concurrency is used up; and whether messages lie in a dead-letter queue (npm run redrive -- --dry-run). Then retry the job.',
    retryable: true,
  }
}

function shortened(text: string): string {
  return text.length > 80 ? `${JSON.stringify(text.slice(0, 80))}…` : JSON.stringify(text)
}
