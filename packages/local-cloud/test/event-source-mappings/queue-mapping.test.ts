import { describe, expect, onTestFinished, test } from 'vitest'
import { startEventSourceMapping } from '../../src/event-source-mappings/event-source-mappings.ts'
import { addFunction, startLambda } from '../lambda/lambda-world.ts'
import { startSqs } from '../sqs/sqs-world.ts'

// Prints what it was asked to do and does it: the tests watch the lines and answer by sending more messages.
const code = `
  const waiting = new Map()
  export const handler = async ({ Records }) => {
    console.log('batch ' + Records.map(({ body }) => body).join())
    const batchItemFailures = []
    for (const { body, messageId } of Records) {
      const [act, name] = body.split(' ')
      if (act === 'throw') throw new Error(body)
      if (act === 'fail') batchItemFailures.push({ itemIdentifier: messageId })
      if (act === 'hold') await new Promise((resolve) => waiting.set(name, resolve))
      if (act === 'release') waiting.get(name)()
    }
    console.log('done ' + Records.map(({ body }) => body).join())
    return { batchItemFailures }
  }`

async function startQueue(mappingProperties: object = {}, queueProperties: Record<string, unknown> = {}) {
  const { clock, sqs, queueArn } = await startSqs({ VisibilityTimeout: 30, ...queueProperties })
  const lambda = startLambda({ clock })
  const { functionArn } = await addFunction(lambda, code)
  const lines: string[] = []
  const changed = new Set<() => void>()
  const log = (line: string) => {
    lines.push(line)
    for (const check of changed) check()
  }
  lambda.onLog((_, line) => log(line))
  const deleteMessages: typeof sqs.deleteMessages = (arn, handles) => {
    sqs.deleteMessages(arn, handles)
    log(`deleted ${handles.length}`)
  }
  const services = { clock, lambda, sqs: { ...sqs, deleteMessages }, dynamodb: {} as never, log }
  const start = () => {
    const mapping = startEventSourceMapping(
      { EventSourceArn: queueArn, FunctionName: functionArn, BatchSize: 1, ...mappingProperties },
      services,
    )
    onTestFinished(() => mapping.stop())
    return mapping
  }
  /** Resolves when `holds` does for the lines logged until now. */
  const until = (holds: (lines: string[]) => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!holds(lines)) return
        changed.delete(check)
        resolve()
      }
      changed.add(check)
      check()
    })
  const untilLine = (line: string) => until(() => lines.includes(line))
  const send = (body: string, group?: string) =>
    sqs.send(queueArn, body, { messageGroupId: group, messageDeduplicationId: group && body })
  const batches = () => lines.filter((line) => line.startsWith('batch ')).map((line) => line.slice('batch '.length))
  return { clock, sqs, queueArn, start, until, untilLine, send, lines, batches }
}

const nothing = { visible: 0, inFlight: 0, delayed: 0 }

describe('a queue and its function', () => {
  test('a message is handed over and deleted', async () => {
    const { start, send, untilLine, sqs, queueArn } = await startQueue()
    start()
    await send('go 1')
    await untilLine('deleted 1')
    expect(sqs.counts(queueArn)).toEqual(nothing)
  })

  test('what is there is taken in batches up to the batch size', async () => {
    const { start, send, until, batches } = await startQueue({ BatchSize: 2 })
    for (const n of [1, 2, 3]) await send(`go ${n}`)
    start()
    await until((lines) => lines.filter((line) => line.startsWith('done')).length === 2)
    expect(batches()).toEqual(['go 1,go 2', 'go 3'])
  })

  test('no more run at once than the maximum concurrency', async () => {
    const properties = { ScalingConfig: { MaximumConcurrency: 2 } }
    const { start, send, untilLine, sqs, queueArn } = await startQueue(properties)
    for (const body of ['hold a', 'hold b', 'go c']) await send(body)
    start()
    await untilLine('batch hold b')
    expect(sqs.counts(queueArn)).toEqual({ ...nothing, visible: 1, inFlight: 2 })
  })

  test('slow messages do not hold up those behind them', async () => {
    const { start, send, untilLine } = await startQueue()
    start()
    await send('hold a')
    await untilLine('batch hold a')
    await send('release a')
    await untilLine('done hold a')
  })

  test('a failed message shows again after its visibility timeout', async () => {
    const { clock, start, send, until, batches, sqs, queueArn } = await startQueue()
    start()
    await send('throw x')
    const failures = (count: number) =>
      until((lines) => lines.filter((line) => line.includes('1 of 1')).length === count)
    await failures(1)
    expect(sqs.counts(queueArn)).toEqual({ ...nothing, inFlight: 1 })
    await clock.advance(29_999)
    expect(batches()).toHaveLength(1)
    await clock.advance(1)
    await failures(2)
    expect(batches()).toEqual(['throw x', 'throw x'])
  })

  test('a partial batch response keeps only what failed', async () => {
    const properties = { BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] }
    const { start, send, untilLine, sqs, queueArn } = await startQueue(properties)
    for (const body of ['go 1', 'fail 2', 'go 3']) await send(body)
    start()
    await untilLine('deleted 2')
    expect(sqs.counts(queueArn)).toEqual({ ...nothing, inFlight: 1 })
  })

  test('a message that the filter does not want is deleted', async () => {
    const FilterCriteria = { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] }
    const { start, send, until, batches, sqs, queueArn } = await startQueue({ FilterCriteria })
    const wanted = JSON.stringify({ kind: 'order' })
    for (const body of ['plain text', '{"kind":"other"}', wanted]) await send(body)
    start()
    await until((lines) => lines.filter((line) => line === 'deleted 2' || line === 'deleted 1').length === 2)
    expect(batches()).toEqual([wanted])
    expect(sqs.counts(queueArn)).toEqual(nothing)
  })

  test('a batching window gathers what comes, until it ends or the batch is full', async () => {
    const { clock, start, send, untilLine, batches } = await startQueue({
      BatchSize: 3,
      MaximumBatchingWindowInSeconds: 5,
    })
    start()
    await send('go 1')
    await clock.untilTimer(5_000)
    await send('go 2')
    await clock.advance(5_000)
    await untilLine('done go 1,go 2')
    for (const n of [3, 4, 5]) await send(`go ${n}`)
    await untilLine('done go 3,go 4,go 5')
    expect(batches()).toEqual(['go 1,go 2', 'go 3,go 4,go 5'])
  })

  test('a stopped mapping takes nothing more', async () => {
    const { start, send, untilLine, sqs, queueArn } = await startQueue()
    const mapping = start()
    await send('go 1')
    await untilLine('deleted 1')
    await mapping.stop()
    await send('go 2')
    expect(sqs.counts(queueArn)).toEqual({ ...nothing, visible: 1 })
  })
})

describe('a FIFO queue and its function', () => {
  const fifo = { FifoQueue: true }

  test('the messages of a group run one after the other, those of other groups beside them', async () => {
    const { start, send, untilLine, batches } = await startQueue({}, fifo)
    start()
    await send('hold a1', 'a')
    await send('go a2', 'a')
    await send('go b1', 'b')
    await untilLine('done go b1')
    expect(batches()).toEqual(['hold a1', 'go b1'])
    await send('release a1', 'c')
    await untilLine('done go a2')
    expect(batches()).toEqual(['hold a1', 'go b1', 'release a1', 'go a2'])
  })

  test('a failed message blocks its group until it shows again', async () => {
    const { clock, start, send, until, untilLine, batches } = await startQueue({}, fifo)
    start()
    await send('throw a1', 'a')
    await send('go a2', 'a')
    await until((lines) => lines.some((line) => line.includes('1 of 1')))
    await send('go b1', 'b')
    await untilLine('done go b1')
    expect(batches()).toEqual(['throw a1', 'go b1'])
    await clock.advance(30_000)
    await until(() => batches().length === 3)
    expect(batches()).toEqual(['throw a1', 'go b1', 'throw a1'])
  })
})
