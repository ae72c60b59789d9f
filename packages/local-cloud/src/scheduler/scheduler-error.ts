/** A refusal by the Scheduler API. */
export class SchedulerError extends Error {
  readonly statusCode: number

  constructor(name: string, statusCode: number, message: string) {
    super(message)
    this.name = name
    this.statusCode = statusCode
  }
}

export function invalid(message: string): SchedulerError {
  return new SchedulerError('ValidationException', 400, message)
}
