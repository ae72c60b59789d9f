import { checkBootstrap, checkConcurrency, checkCredentials } from './account-checks.ts'
import type { Aws, AwsOptions } from './aws.ts'
import { connect } from './aws.ts'
import type { Finding } from './finding.ts'
import { fine } from './finding.ts'
import { checkAvailability, checkConverse } from './model-checks.ts'
import { explained } from './ways-out.ts'

export interface DoctorOptions extends AwsOptions {
  model: string
  maxConcurrency: number
}

export interface Check extends Finding {
  check: string
}

/**
 * Makes each check in turn and tells of it at once. Without a region nothing can be asked, and without credentials nothing is
 * answered; any other fault leaves the checks behind it as they are.
 */
export async function* examine(options: DoctorOptions): AsyncGenerator<Check> {
  let aws: Aws
  try {
    aws = await connect(options)
    yield { check: 'region', ...fine(aws.region) }
  } catch (error) {
    yield { check: 'region', ok: false, ...explained(error) }
    return
  }
  const credentials = await finding('credentials', () => checkCredentials(aws))
  yield credentials
  if (!credentials.ok) return
  yield finding('bootstrap', () => checkBootstrap(aws))
  yield finding('concurrency', () => checkConcurrency(aws, options.maxConcurrency))
  yield finding('model', () => checkAvailability(aws, options.model))
  yield finding('converse', () => checkConverse(aws, options.model))
}

/** Makes one check; whatever keeps it from being made is what it found. */
export async function finding(check: string, run: () => Promise<Finding>): Promise<Check> {
  try {
    return { check, ...(await run()) }
  } catch (error) {
    return { check, ok: false, ...explained(error) }
  }
}
