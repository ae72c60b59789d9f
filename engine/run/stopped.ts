/** SLICE: the worker's own time is over, not the job's. CLOSING: the worker's host shuts down. */
export type StopReason = 'TIMEOUT' | 'SLICE' | 'LOST' | 'CLOSING'

/** Why a run was stopped from outside; the reason of the agent's AbortSignal. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
  readonly why: StopReason

  constructor(why: StopReason, message: string) {
    super(message)
    this.why = why
  }
}
