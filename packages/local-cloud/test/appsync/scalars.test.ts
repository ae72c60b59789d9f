import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi, type World } from './appsync-world.ts'
import { api } from './example.ts'

let world: World
beforeAll(async () => {
  world = await startApi(api)
})
afterAll(() => world[Symbol.asyncDispose]())

describe('scalars', () => {
  const accepted = {
    at: ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.678+02:00', '2026-01-02T03:04Z'],
    since: [-5, 1_700_000_000],
    data: ['{"a":1}', 'true', '"Hello"', '[1]'],
    email: ['a@example.com'],
    url: ['https://example.com/a?b=c'],
    ip: ['127.0.0.1', '10.0.0.0/8', '2001:db8::1'],
    date: ['2026-01-02', '2026-01-02Z'],
    time: ['12:30:24.500', '12:30:24Z'],
  }
  const refused = {
    at: ['2026-01-02T03:04:05', '2026-01-02', 'now'],
    since: ['soon', 1.5],
    data: ['{a:1}', { a: 1 }],
    email: ['nobody'],
    url: ['example.com', 'https://example.com//a'],
    ip: ['300.0.0.1', 'localhost'],
    date: ['2026-13-01', '02/01/2026'],
    time: ['25:00:00'],
  }
  const TYPES: Record<string, string> = {
    at: 'AWSDateTime',
    since: 'AWSTimestamp',
    data: 'AWSJSON',
    email: 'AWSEmail',
    url: 'AWSURL',
    ip: 'AWSIPAddress',
    date: 'AWSDate',
    time: 'AWSTime',
  }
  const cases = (table: Record<string, unknown[]>) =>
    Object.entries(table).flatMap(([name, values]) =>
      values.map((value) => [TYPES[name] as string, name, value] as const),
    )
  const ask = (name: string, type: string, value: unknown) =>
    world.post(`query ($value: ${type}) { written(${name}: $value) }`, { value })

  test.each(cases(accepted))('%s takes %s %j', async (type, name, value) => {
    const { data } = await ask(name, type, value)
    // Only AWSJSON reaches the resolver as something else than it came.
    expect(JSON.parse(data.written)[name]).toEqual(type === 'AWSJSON' ? JSON.parse(value as string) : value)
  })

  test.each(cases(refused))('%s refuses %s %j', async (type, name, value) => {
    const answer = await ask(name, type, value)
    expect(answer.data).toBeNull()
    expect(answer.errors?.[0].message).toMatch(/^Variable 'value' has an invalid value\. Unable to parse `/)
  })
})
