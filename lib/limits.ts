import { Duration } from 'aws-cdk-lib'
import { MAX_ATTEMPTS, MAX_TIMEOUT_SECONDS } from '../sdk/limits.ts'
import { RUN_JOB_TIMEOUT } from './queues.ts'

/** What holds for a job unless its submitter or its agent says otherwise. */
export interface JobLimits {
  readonly attempts: number
  readonly timeout: Duration
  readonly stall: Duration
}

export function checkLimits(given: Partial<JobLimits>): JobLimits {
  const { attempts = 3, timeout = RUN_JOB_TIMEOUT, stall = Duration.minutes(1) } = given
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > MAX_ATTEMPTS) {
    throw new Error(`attempts must be a whole number from 1 to ${MAX_ATTEMPTS}, got ${attempts}`)
  }
  return {
    attempts,
    timeout: checkDuration('timeout', timeout, Duration.seconds(MAX_TIMEOUT_SECONDS)),
    stall: checkDuration('stall', stall, Duration.hours(1)),
  }
}

function checkDuration(name: string, given: Duration, most: Duration): Duration {
  const seconds = given.toSeconds({ integral: false })
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= most.toSeconds()) return given
  throw new Error(
    `${name} must be whole seconds from Duration.seconds(1) to Duration.seconds(${most.toSeconds()}), got ${seconds} s`,
  )
}
