import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../src/scheduler/schedule-expression.ts'

const start = Date.parse('2030-01-01T12:00:30Z')

function next(expression: string, after: string, count = 1, zone = 'UTC'): (string | undefined)[] {
  const occurrences = parseExpression(expression, zone, start)
  const found: (string | undefined)[] = []
  let moment: number | undefined = Date.parse(after)
  for (let index = 0; index < count && moment !== undefined; index++) {
    moment = occurrences.next(moment)
    found.push(moment === undefined ? undefined : new Date(moment).toISOString().replace('.000Z', 'Z'))
  }
  return found
}

describe('a rate', () => {
  test('is due at its start, then every period', () => {
    expect(next('rate(5 minutes)', '2030-01-01T12:00:29Z', 3)).toEqual([
      '2030-01-01T12:00:30Z',
      '2030-01-01T12:05:30Z',
      '2030-01-01T12:10:30Z',
    ])
  })

  test('counts in hours and days too', () => {
    expect(next('rate(1 hour)', '2030-01-01T12:00:30Z')).toEqual(['2030-01-01T13:00:30Z'])
    expect(next('rate(2 days)', '2030-01-01T12:00:30Z')).toEqual(['2030-01-03T12:00:30Z'])
  })
})

describe('a single time', () => {
  test('is due once', () => {
    expect(next('at(2030-06-01T08:00:00)', '2030-01-01T00:00:00Z', 2)).toEqual(['2030-06-01T08:00:00Z', undefined])
  })

  test('is in the time zone of the schedule', () => {
    const inBerlin = next('at(2030-06-01T08:00:00)', '2030-01-01T00:00:00Z', 1, 'Europe/Berlin')
    expect(inBerlin).toEqual(['2030-06-01T06:00:00Z'])
  })
})

describe('a cron expression', () => {
  test.each([
    ['every quarter of an hour', '0/15 * * * ? *', '2030-01-01T10:50:00Z', ['2030-01-01T11:00:00Z']],
    ['weekdays at eight', '0 8 ? * MON-FRI *', '2030-01-04T09:00:00Z', ['2030-01-07T08:00:00Z']],
    ['Sunday is 1', '0 8 ? * 1 *', '2030-01-01T00:00:00Z', ['2030-01-06T08:00:00Z']],
    ['lists', '0 8,20 1 JAN,JUL ? *', '2030-01-01T08:00:00Z', ['2030-01-01T20:00:00Z', '2030-07-01T08:00:00Z']],
    [
      'the last day of the month',
      '0 0 L * ? *',
      '2030-02-01T00:00:00Z',
      ['2030-02-28T00:00:00Z', '2030-03-31T00:00:00Z'],
    ],
    ['the last Friday', '0 0 ? * 6L *', '2030-01-01T00:00:00Z', ['2030-01-25T00:00:00Z', '2030-02-22T00:00:00Z']],
    ['the second Tuesday', '0 0 ? * TUE#2 *', '2030-01-01T00:00:00Z', ['2030-01-08T00:00:00Z', '2030-02-12T00:00:00Z']],
    [
      'the workday nearest to the 15th',
      '0 0 15W * ? *',
      '2030-06-01T00:00:00Z',
      ['2030-06-14T00:00:00Z', '2030-07-15T00:00:00Z'],
    ],
    ['a year', '0 0 29 2 ? 2032', '2030-01-01T00:00:00Z', ['2032-02-29T00:00:00Z', undefined]],
    ['never', '0 0 30 2 ? *', '2030-01-01T00:00:00Z', [undefined]],
  ])('knows %s', (_, fields, after, expected) => {
    expect(next(`cron(${fields})`, after, expected.length)).toEqual(expected)
  })

  test('keeps its hour over a change of daylight saving time, and skips an hour that is not there', () => {
    expect(next('cron(0 8 * * ? *)', '2030-03-30T00:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2030-03-30T07:00:00Z',
      '2030-03-31T06:00:00Z',
    ])
    expect(next('cron(30 2 * * ? *)', '2030-03-30T12:00:00Z', 1, 'Europe/Berlin')).toEqual(['2030-04-01T00:30:00Z'])
  })
})

test.each([
  ['every(5 minutes)', /must be rate\(…\), cron\(…\) or at\(…\), got every/],
  ['rate(0 minutes)', /must be like rate\(5 minutes\)/],
  ['rate(5 seconds)', /must be like rate\(5 minutes\)/],
  ['cron(0 8 * * * *)', /with \? for one of the two days/],
  ['cron(60 8 * * ? *)', /must be cron/],
  ['cron(0 8 * * ?)', /must be cron/],
  ['at(tomorrow)', /must be like at/],
])('%s is refused', (expression, message) => {
  expect(() => parseExpression(expression, 'UTC', start)).toThrow(message)
})
