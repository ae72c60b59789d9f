import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { onSigterm } from '../../lambda/shutdown.ts'

class FakeProcess extends EventEmitter {
  readonly exited = Promise.withResolvers<number>()
  exit = (code: number) => this.exited.resolve(code)
}

test('SIGTERM is told to what runs, and the process ends after it, with its answer', async () => {
  const process = new FakeProcess()
  const shutdown = onSigterm(process)
  const order: string[] = []
  const handler = shutdown.letEnd(async (name: string) => {
    await new Promise((resolve) => shutdown.signal.addEventListener('abort', resolve))
    if (name === 'bad') throw new Error(name)
    return name
  })
  const answers = [handler('good', {}), handler('bad', {})].map((answer) =>
    answer.then(
      (name) => order.push(name),
      ({ message }) => order.push(message),
    ),
  )
  expect(shutdown.signal.aborted).toBe(false)
  process.emit('SIGTERM')
  expect(await process.exited.promise.finally(() => order.push('exit'))).toBe(0)
  await Promise.all(answers)
  expect(order).toEqual(['good', 'bad', 'exit'])
})

test('a process in which nothing runs ends at once', async () => {
  const process = new FakeProcess()
  const shutdown = onSigterm(process)
  expect(await shutdown.letEnd(async () => 1)(undefined, undefined)).toBe(1)
  process.emit('SIGTERM')
  expect(await process.exited.promise).toBe(0)
})
