import fc from 'fast-check'
import type { Script, ScriptedTry } from '../../local/scripted-model.ts'
import { GUILT } from './agents.ts'
import { MINUTE } from './world.ts'

/** A job that a program may submit, and what the model does with it. */
export interface PlannedJob {
  queryType: string
  script: Script
  /** What a guilty agent does. */
  does?: string
  /** Times are milliseconds from its creation. */
  options: { priority?: string; sessionId?: string; maxAttempts?: number; timeoutSeconds?: number }
  startsAfter?: number
  expiresAfter?: number
}

const FUNCTIONS = ['RunJob', 'DispatchJobs', 'PublishChanges', 'SweepOverdue'] as const
const SOURCES = ['QueuesHigh', 'QueuesNormal', 'QueuesLow', 'DispatchJobs', 'PublishChanges'] as const

/** One thing that happens; `job` counts those that the program has planned. */
export type Step =
  | { step: 'create' | 'cancel' | 'retry'; job: number }
  | { step: 'cancelAtWrite' | 'createTwice'; job: number; count: number }
  | { step: 'kill' | 'stop'; name: (typeof FUNCTIONS)[number] }
  | { step: 'killAtWrite'; name: (typeof FUNCTIONS)[number]; count: number }
  | { step: 'duplicate' | 'delay'; source: (typeof SOURCES)[number]; ms: number }
  | { step: 'reorder'; source: (typeof SOURCES)[number] }
  | { step: 'refuseWrites'; count: number; error: 'ProvisionedThroughputExceededException' | 'InternalServerError' }
  | { step: 'loseAnswers'; count: number }
  | { step: 'cutSockets' }
  | { step: 'pass' | 'jump'; ms: number }

export interface Program {
  /** Of the chance by which retries are spread. */
  seed: number
  jobs: PlannedJob[]
  steps: Step[]
}

const pace = fc.record({
  words: fc.integer({ min: 0, max: 4 }),
  everyMs: fc.constantFrom(0, 100, 5_000, 30_000),
  afterMs: fc.constantFrom(0, 0, 2_000),
})
const fault = fc
  .tuple(fc.constantFrom('throttle', 'break', 'stall', 'die'), pace)
  .map(([does, paced]) => ({ does, ...paced }) as ScriptedTry)

/** Up to two calls that fail, and then what the turn comes to. */
function turn(last: object): fc.Arbitrary<ScriptedTry[]> {
  const good = pace.map((paced) => ({ ...last, ...paced }) as ScriptedTry)
  return fc.tuple(fc.array(fault, { maxLength: 2 }), good).map(([faults, end]) => [...faults, end])
}

const answer = turn({ does: 'answer' })
const call = turn({ does: 'call', tool: 'look', input: { what: 'it' } })
// Ten minutes for each turn: two do not fit into what a worker has.
const slowCall = fc.constant<ScriptedTry[]>([
  { does: 'call', tool: 'look', input: { what: 'it' }, words: 20, everyMs: 30_000 },
])
const inOneTurn = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(answer) },
  { weight: 1, arbitrary: fc.tuple(turn({ does: 'garble' }), answer) },
)
const work = fc.oneof(
  { weight: 20, arbitrary: fc.record({ queryType: fc.constant('ask'), script: inOneTurn }) },
  { weight: 4, arbitrary: fc.record({ queryType: fc.constant('brief'), script: inOneTurn }) },
  {
    weight: 15,
    arbitrary: fc.record({
      queryType: fc.constant('dig'),
      script: fc.tuple(fc.array(call, { minLength: 1, maxLength: 2 }), answer).map(([calls, end]) => [...calls, end]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      queryType: fc.constant('long'),
      script: fc.tuple(call, slowCall, slowCall, answer) as fc.Arbitrary<Script>,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      queryType: fc.constant('guilty'),
      script: fc.constant<Script>([]),
      does: fc.constantFrom(...GUILT),
    }),
  },
)

/** One time in `many`; else undefined. */
const onceIn = <T>(many: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: many - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const plannedJob: fc.Arbitrary<PlannedJob> = fc
  .record({
    work,
    options: fc.record(
      {
        priority: fc.constantFrom('HIGH', 'NORMAL', 'LOW'),
        maxAttempts: fc.integer({ min: 1, max: 4 }),
        timeoutSeconds: fc.constantFrom(1, 30, 600),
      },
      { requiredKeys: [] },
    ),
    sessionId: onceIn(8, fc.constantFrom('one', 'two')),
    startsAfter: onceIn(2, fc.constantFrom(1_000, MINUTE, 20 * MINUTE)),
    expiresAfter: onceIn(2, fc.constantFrom(2_000, 2 * MINUTE, 30 * MINUTE)),
    isTimed: onceIn(8, fc.constant(true)),
  })
  .map(({ work, options, sessionId, startsAfter = 0, expiresAfter, isTimed }) => {
    const job = { ...work, options: { ...options, ...(sessionId && { sessionId }) } }
    // A deadline before the start is refused.
    return isTimed ? { ...job, startsAfter, expiresAfter: expiresAfter && startsAfter + expiresAfter } : job
  })

const name = fc.constantFrom(...FUNCTIONS, 'RunJob' as const)
const source = fc.constantFrom(...SOURCES)
const few = fc.integer({ min: 1, max: 4 })

function step(jobs: number): fc.Arbitrary<Step> {
  const job = fc.nat({ max: jobs - 1 })
  const one = <S extends Step>(kind: S['step'], rest: { [key: string]: fc.Arbitrary<unknown> }) =>
    fc.record({ step: fc.constant(kind), ...rest }) as unknown as fc.Arbitrary<Step>
  return fc.oneof(
    { weight: 6, arbitrary: one('pass', { ms: fc.constantFrom(1, 1_000, 10_000, MINUTE, 5 * MINUTE) }) },
    { weight: 4, arbitrary: one('create', { job }) },
    { weight: 2, arbitrary: one('cancel', { job }) },
    { weight: 2, arbitrary: one('retry', { job }) },
    { weight: 1, arbitrary: one('cancelAtWrite', { job, count: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 1, arbitrary: one('createTwice', { job, count: fc.constant(1) }) },
    { weight: 2, arbitrary: one('kill', { name }) },
    { weight: 2, arbitrary: one('stop', { name }) },
    { weight: 1, arbitrary: one('jump', { ms: fc.constantFrom(20_000, 75_000, 20 * MINUTE) }) },
    { weight: 2, arbitrary: one('killAtWrite', { name, count: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 2, arbitrary: one('duplicate', { source, ms: fc.constantFrom(0, 30_000) }) },
    { weight: 2, arbitrary: one('delay', { source, ms: fc.constantFrom(1_000, 90_000) }) },
    { weight: 2, arbitrary: one('reorder', { source }) },
    {
      weight: 1,
      arbitrary: one('refuseWrites', {
        count: few,
        error: fc.constantFrom('ProvisionedThroughputExceededException', 'InternalServerError'),
      }),
    },
    { weight: 1, arbitrary: one('loseAnswers', { count: few }) },
    { weight: 1, arbitrary: one('cutSockets', {}) },
  )
}

/** Programs whose jobs are all created, in the order of the program or at its end. */
export const program: fc.Arbitrary<Program> = fc.array(plannedJob, { minLength: 1, maxLength: 4 }).chain((jobs) =>
  fc.record({
    seed: fc.nat(),
    jobs: fc.constant(jobs),
    steps: fc.array(step(jobs.length), { minLength: 1, maxLength: 14 }),
  }),
)
