import type { QueueName } from './queues.ts'

/**
 * Lambda's least for a queue. With every queue at it, jobs leave room for the functions that hand on and push in an account
 * of ten concurrent invocations, which is all that a new one has.
 */
const DEFAULT: Record<QueueName, number> = { high: 2, normal: 2, low: 2 }

const FUNCTION_IDS = ['dispatchJobs', 'publishChanges', 'sweepOverdue', 'runJob'] as const
export type FunctionId = (typeof FUNCTION_IDS)[number]

/** How many jobs may run at once: of each queue the same, or as said for each. */
export type MaxConcurrency = number | Partial<Record<QueueName, number>>
export type ReservedConcurrency = Partial<Record<FunctionId, number>>

export function checkMaxConcurrency(given: MaxConcurrency = {}): Record<QueueName, number> {
  const names = Object.keys(DEFAULT) as QueueName[]
  if (typeof given === 'number') {
    checkWhole('maxConcurrency', given, 2, 1000)
    return Object.fromEntries(names.map((name) => [name, given])) as Record<QueueName, number>
  }
  checkNames('maxConcurrency', Object.keys(given), names)
  const limits = { ...DEFAULT, ...given }
  for (const [queue, limit] of Object.entries(limits)) checkWhole(`maxConcurrency.${queue}`, limit, 2, 1000)
  return limits
}

export function checkReservedConcurrency(
  given: ReservedConcurrency = {},
  maxConcurrency: Record<QueueName, number>,
): ReservedConcurrency {
  checkNames('reservedConcurrency', Object.keys(given), FUNCTION_IDS)
  for (const [name, reserved] of Object.entries(given)) checkWhole(`reservedConcurrency.${name}`, reserved, 1, 100_000)
  const needed = Object.values(maxConcurrency).reduce((sum, limit) => sum + limit, 0)
  // With less, Lambda's pollers take messages that it then has to refuse, each of which is one of the five tries of a message.
  if (given.runJob !== undefined && given.runJob < needed) {
    throw new Error(
      `reservedConcurrency.runJob must be at least ${needed}, what maxConcurrency lets run at once in all queues, got ${given.runJob}: raise it, or lower maxConcurrency`,
    )
  }
  return given
}

function checkNames(prop: string, given: string[], known: readonly string[]): void {
  const odd = given.find((name) => !known.includes(name))
  if (odd !== undefined) throw new Error(`${prop} may have ${known.join(', ')}; got ${odd}`)
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new Error(`${name} must be a whole number from ${least} to ${most}, got ${value}`)
}
