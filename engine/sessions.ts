import type { Clock } from '../sdk/clock.ts'
import type { PendingJob } from './job/job.ts'
import type { SessionTable, Turns } from './store/sessions.ts'
import { appendTurn, readLiveTurn, readTurns, takeTurnOff } from './store/sessions.ts'
import type { JobTable } from './store/write.ts'

/** A turn whose row has changed: it waits for a worker now, or it is over or gone. */
export interface TurnChanged {
  id: string
  waits: boolean
}

export interface Sessions {
  jobs: JobTable
  sessionTable: SessionTable
  clock: Clock
}

/**
 * Brings a session in line with what its changes say, and answers with the turn that must be sent now, if any. What a
 * change says may have been true long ago, so each is held against the row; done twice, it does the same.
 */
export async function nextTurn(
  sessionKey: string,
  changes: TurnChanged[],
  sessions: Sessions,
): Promise<PendingJob | undefined> {
  const { jobs, sessionTable, clock } = sessions
  const last = new Map(changes.map(({ id, waits }) => [id, waits]))
  const isLive = async (id: string) => (await readLiveTurn(jobs, sessionKey, id, clock.now())) !== undefined
  let turns = await readTurns(sessionTable, sessionKey)
  for (const [id, waits] of last) {
    const place = turns.indexOf(id)
    // The row was put by hand or is run again; or createAgentJob has not come to its second write yet.
    if (waits && place < 0 && (await isLive(id))) turns = await appendTurn(sessionTable, sessionKey, id, clock.now())
    if (!waits && place >= 0 && !(await isLive(id))) turns = await takeOff(sessionKey, turns, id, sessions)
  }
  // Where one has ended, nobody may have sent the next.
  let isNews = changes.some(({ waits }) => !waits)
  while (turns.length > 0) {
    const head = turns[0]
    const turn = await readLiveTurn(jobs, sessionKey, head, clock.now())
    if (turn) return turn.status === 'PENDING' && (isNews || last.has(turn.id)) ? turn : undefined
    turns = await takeOff(sessionKey, turns, head, sessions)
    isNews = true
  }
  return undefined
}

// Others may take turns off at the same moment; so often in a row, something else is the matter.
const TRIES = 20

/** Takes a turn off, wherever it is by now. */
async function takeOff(sessionKey: string, read: Turns, turn: string | undefined, sessions: Sessions): Promise<Turns> {
  const { sessionTable, clock } = sessions
  let turns = read
  for (let tried = 1; tried <= TRIES; tried++) {
    const place = turns.indexOf(turn)
    if (place < 0) return turns
    const left = await takeTurnOff(sessionTable, sessionKey, { turns, place }, clock.now())
    if (left) return left
    turns = await readTurns(sessionTable, sessionKey)
  }
  throw new Error(`A turn of session ${sessionKey} could not be taken off in ${TRIES} tries`)
}
