import { isOver } from '../../engine/job/job.ts'
import type { Program, Step } from './program.ts'
import { type Change, DAY, MINUTE, type SeenJob, type World } from './world.ts'

/** What came of a program: each of its jobs from all sides. */
export interface Outcome {
  jobs: {
    id: string
    queryType: string
    /** What the table's stream told of it. */
    changes: Change[]
    /** The row in the end. */
    row: Record<string, unknown>
    read: SeenJob
    /** What a client that reads again after a broken connection has seen last. */
    seen: SeenJob | undefined
    calls: number
    mostRunning: number
    /** The turns that the conversation takes, and how many calls of them the script lets fail. */
    turns: number
    failures: number
  }[]
  /** How often workers were ended. */
  kills: number
  /** How often the clock jumped. */
  jumps: number
  /** Writes that were refused or whose answer was lost. */
  badWrites: number
  quietAfterMs: number
}

const LIMIT = 2 * DAY
// A write that was refused is asked for again, as a front end does.
const TRIES = 20

/** Runs a program, and then lets time pass until all its jobs are over and everybody knows. */
export async function runProgram(world: World, { jobs, seed, steps }: Program, prefix: string): Promise<Outcome> {
  const { changes, clock, cloud, model } = world
  // Each program begins as if it were the first: with empty queues, and at a full minute, when the sweep runs.
  await world.emptyQueues()
  await cloud.advance(MINUTE - (clock.now() % MINUTE))
  clock.seed(seed)
  const begun = clock.now()
  const from = changes.length
  const ids = jobs.map((_, index) => `${prefix}-${index}`)
  const created = new Set<string>()
  const seen = new Map<string, SeenJob>()
  const killsBefore = world.kills()
  let badWrites = 0
  await world.subscribeAgain()

  const note = (job: SeenJob) => {
    if (job.version > (seen.get(job.id)?.version ?? 0)) seen.set(job.id, job)
  }
  const idOf = (index: number) => ids[index] as string

  async function insist(ask: () => ReturnType<World['cancel']>) {
    for (let tried = 1; ; tried++) {
      const { errors } = await ask()
      const passing = errors?.some(({ errorType }) => errorType?.startsWith('DynamoDB:'))
      if (!passing) return errors
      if (tried === TRIES) throw new Error(`refused ${TRIES} times: ${JSON.stringify(errors)}`)
    }
  }

  async function create(index: number) {
    const { queryType, script, does, options, startsAfter, expiresAfter } = jobs[index] as Program['jobs'][number]
    const at = (ms = 0) => (ms > 0 ? new Date(clock.now() + ms).toISOString() : undefined)
    // A session of an earlier program may still be waiting for a worker that died.
    const sessionId = options.sessionId && `${prefix}-${options.sessionId}`
    const input = { ...options, sessionId, queryType, runAt: at(startsAfter), deadline: at(expiresAfter) }
    const errors = await insist(() => world.create(idOf(index), script, input, does))
    if (errors) throw new Error(`job ${index} was refused: ${JSON.stringify(errors)}`)
    created.add(idOf(index))
  }

  async function hearAgain() {
    for (const job of world.pushed()) note(job)
    await world.subscribeAgain()
    for (const id of created) note(await world.read(id))
  }

  async function take(now: Step): Promise<unknown> {
    const { faults } = cloud
    switch (now.step) {
      case 'create':
        return create(now.job)
      case 'createTwice':
        return Promise.all([create(now.job), create(now.job)])
      case 'cancel':
        return created.has(idOf(now.job)) && insist(() => world.cancel(idOf(now.job)))
      case 'retry':
        return created.has(idOf(now.job)) && insist(() => world.retry(idOf(now.job)))
      case 'cancelAtWrite':
        return faults.atWrite(now.count, () => world.cancel(idOf(now.job)))
      case 'kill':
        return world.kill(now.name)
      case 'stop':
        return faults.stopFunction(now.name)
      case 'killAtWrite':
        return faults.atWrite(now.count, () => world.kill(now.name))
      case 'duplicate':
        return faults.duplicateNext(now.source, now.ms)
      case 'delay':
        return faults.delayNext(now.source, now.ms)
      case 'reorder':
        return faults.reorderNext(now.source)
      case 'refuseWrites':
        badWrites += now.count
        return faults.refuseWrites(now.count, now.error)
      case 'loseAnswers':
        badWrites += now.count
        return faults.loseAnswers(now.count)
      case 'cutSockets':
        faults.cutSockets()
        return hearAgain()
      case 'pass':
        return cloud.advance(now.ms)
      case 'jump':
        return clock.jump(now.ms)
    }
  }

  const changesOf = (id: string) => changes.slice(from).filter((change) => change.id === id)
  const lastOf = (id: string) => changesOf(id).at(-1)
  const untilAll = async (holds: (id: string) => boolean) => {
    while (!ids.every(holds) && clock.now() - begun < LIMIT) await cloud.advance(MINUTE)
  }

  for (const now of steps) {
    await take(now)
    await cloud.settle()
  }
  for (const [index, id] of ids.entries()) if (!created.has(id)) await create(index)
  await cloud.settle()
  await untilAll((id) => isOver((lastOf(id)?.to ?? 'PENDING') as SeenJob['status']))
  const quietAfterMs = clock.now() - begun
  cloud.faults.clear()
  await untilAll((id) => {
    for (const job of world.pushed()) note(job)
    return seen.get(id)?.version === lastOf(id)?.version
  })

  const read = async (id: string, index: number) => {
    const { queryType, script } = jobs[index] as Program['jobs'][number]
    const tries = script.map((turn) => [turn].flat())
    return {
      id,
      queryType,
      changes: changesOf(id),
      row: await world.row(id),
      read: await world.read(id),
      seen: seen.get(id),
      calls: model.calls(id),
      mostRunning: model.mostRunning(id),
      turns: script.length,
      failures: tries.reduce((sum, turn) => sum + turn.length - 1, 0),
    }
  }
  const jumps = steps.filter(({ step }) => step === 'jump').length
  return { jobs: await Promise.all(ids.map(read)), kills: world.kills() - killsBefore, jumps, badWrites, quietAfterMs }
}

/** The program and what came of it, as short as one can read it. */
export function describe(program: Program, { jobs, kills, quietAfterMs }: Outcome): string {
  const start = jobs[0]?.changes[0]?.at ?? 0
  const lines = jobs.map(({ id, calls, changes }) => {
    const path = changes.map(({ at, to, error, attempt }) => {
      return `${(at - start) / 1000}s ${to}${error ? ` ${error}` : ''} (${attempt})`
    })
    return `${id}, ${calls} calls: ${path.join(', ')}`
  })
  const steps = program.steps.map((step) => JSON.stringify(step))
  return [
    ...program.jobs.map((job) => `job ${JSON.stringify(job)}`),
    ...steps,
    ...lines,
    `${kills} kills, quiet after ${quietAfterMs / 1000} s`,
  ].join('\n')
}
