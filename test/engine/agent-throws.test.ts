import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { type EngineWorld, startEngine } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

const explode = () => {
  throw new Error('do not look at me')
}
/** An object that throws whatever is asked of it. */
const hostile = () => new Proxy({}, new Proxy({}, { get: () => explode }))
const failure = { code: 'X', message: 'x', remediation: 'y' }

class Secretive extends Error {
  override get message(): string {
    throw Object.create(null)
  }
}

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

const thrown: [string, () => unknown][] = [
  ['an object without a prototype', () => Object.create(null)],
  ['an error whose message throws', () => new Secretive()],
  ['an error whose stack throws', () => Object.defineProperty(new Error('x'), 'stack', { get: explode })],
  ['an error with a cause that JSON cannot hold', () => new Error('x', { cause: { toJSON: explode, big: 1n } })],
  ['an error that is its own cause', () => Object.assign(new Error('x'), { cause: cyclic })],
  ['a Proxy that throws', hostile],
  ['a symbol', () => Symbol('s')],
  ['undefined', () => undefined],
  ['null', () => null],
  ['a text', () => 'just a text'],
  ['a number', () => 7],
  ['a BigInt', () => 7n],
  ['a function', () => () => 1],
  ['a failure with a cyclic detail', () => new PermanentFailure({ ...failure, details: cyclic })],
  ['a failure with a code that is none', () => new PermanentFailure({ ...failure, code: 5 as never })],
]

const outputs: [string, () => unknown][] = [
  ['whose toJSON throws', () => ({ toJSON: explode })],
  ['whose toJSON throws what cannot be read', () => ({ toJSON: () => raise(hostile()) })],
  ['that is cyclic', () => cyclic],
  ['that is a BigInt', () => ({ n: 1n })],
  ['that throws whatever is asked of it', hostile],
]

function raise(value: unknown): never {
  throw value
}

describe('an agent', () => {
  test.each(thrown)('that throws %s fails in words', async (_what, make) => {
    await world.put()
    const row = await world.runJob(async () => raise(make()))
    const message = expect.stringMatching(/./)
    expect(row).toMatchObject({ status: 'FAILED', error: { code: expect.any(String), message, retryable: false } })
  })

  test.each(outputs)('with an output %s fails in words', async (_what, make) => {
    await world.put()
    const row = await world.runJob(async () => make())
    expect(row).toMatchObject({ status: 'FAILED', error: { code: 'AGENT_ERROR', message: expect.stringMatching(/./) } })
  })

  test('is told what it threw', async () => {
    const said = async (value: unknown) => {
      await world.put()
      const { error } = await world.runJob(async () => raise(value))
      return (error as { message: string }).message
    }
    expect(await said(new TypeError('x is no number'))).toBe('Agent ask failed: x is no number')
    expect(await said('a text')).toBe('Agent ask failed: it threw a text')
    expect(await said(undefined)).toBe('Agent ask failed: it threw undefined')
    expect(await said({ status: 404 })).toBe('Agent ask failed: it threw { status: 404 }')
    expect(await said(hostile())).toMatch(/^Agent ask failed: it threw ./)
    const lines = world.log.lines.filter((line) => line.includes('an error of its own'))
    expect(lines).toHaveLength(5)
  })

  test('that asks to be tried again after no number waits as others do', async () => {
    await world.put()
    const row = await world.runJob(async () => raise(new RetryLater({ ...failure, retryAfterMs: Number.NaN })))
    expect(row).toMatchObject({ status: 'PENDING', runAt: expect.stringMatching(/^2026-03-01T10:00:0/) })
  })

  test('may throw anything: its job is over, and the message is done with', { timeout: 120_000 }, async () => {
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true })
    // Made late: fast-check looks at what it makes, and some of it must not be looked at.
    const made = anything.map((value) => () => value)
    const odd = fc.oneof(made, fc.constantFrom(...thrown.map(([, make]) => make)))
    const field = fc.constantFrom('message', 'name', 'stack', 'cause')
    const error = fc.tuple(field, odd).map(
      ([name, make]) =>
        () =>
          Object.defineProperty(new Error('x'), name, { value: make() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(odd, error), async (make) => {
        await world.put()
        const row = await world.runJob(async () => raise(make()))
        expect(row).toMatchObject({ status: 'FAILED', error: { code: expect.any(String) } })
      }),
      { numRuns: 60 },
    )
  })
})
