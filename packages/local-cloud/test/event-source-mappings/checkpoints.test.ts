import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoints } from '../../src/event-source-mappings/checkpoints.ts'
import { temporaryFolder } from '../open-service.ts'
import { change, startStream, streamArn } from './stream-world.ts'

const key = `publish ${streamArn}`

test('a mapping goes on behind the last record that it finished, also after a restart of the process', async () => {
  const file = join(await temporaryFolder(), 'state', 'checkpoints.json')
  const first = openCheckpoints(file)
  const filter = { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"wanted":{"BOOL":[true]}}}}' }] }
  const { stream, starts, until, batches } = startStream({ FilterCriteria: filter }, undefined, first)
  expect(starts).toEqual(['LATEST'])
  stream.write(change(1, { wanted: { BOOL: true } }), change(2))
  await until(() => batches.length === 1)
  await new Promise((resolve) => setImmediate(resolve))
  first.close()
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ [key]: '2' })
  const second = openCheckpoints(file)
  expect(startStream({}, undefined, second).starts).toEqual([{ afterSequenceNumber: '2' }])
})

test('a record that is not finished holds the checkpoint back, whatever is finished behind it', async () => {
  const places: string[] = []
  const checkpoints = { get: () => undefined, set: (_: string, place: string) => void places.push(place) }
  const held = Promise.withResolvers<void>()
  const behave = (numbers: string[]) => (numbers.includes('2') ? held.promise : null)
  const { stream, until, batches } = startStream({ BatchSize: 1, ParallelizationFactor: 10 }, behave, checkpoints)
  stream.write(...[1, 2, 3, 4].map((number) => change(number, {}, `item ${number}`)))
  await until(() => batches.length === 4)
  await new Promise((resolve) => setImmediate(resolve))
  expect(places.at(-1)).toBe('1')
  held.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(places.at(-1)).toBe('4')
})

test('a damaged file is named', async () => {
  const file = join(await temporaryFolder(), 'checkpoints.json')
  await writeFile(file, '{')
  expect(() => openCheckpoints(file)).toThrow(`${file} must be JSON`)
})
