/** Why a run was stopped from outside; the reason of the agent's AbortSignal. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
  /** SLICE: the worker's own time is over, not the job's. */
  readonly why: 'TIMEOUT' | 'SLICE' | 'LOST'

  constructor(why: 'TIMEOUT' | 'SLICE' | 'LOST', message: string) {
    super(message)
    this.why = why
  }
}
