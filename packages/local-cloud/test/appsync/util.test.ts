import { describe, expect, test } from 'vitest'
import { compileResolver } from '../../src/appsync/resolvers/compile.ts'

const NOW = Date.parse('2026-03-04T15:06:07.089Z')

function resolver(expression: string, imports = "import { util, extensions, runtime } from '@aws-appsync/utils'") {
  const code = `${imports}
    export const request = (ctx) => (${expression})
    export const response = () => null`
  return compileResolver(code, { now: () => NOW, typeName: 'Query', fieldName: 'order' })
}

const evaluate = (expression: string) => resolver(expression).request({})

describe('util', () => {
  test.each([
    ['util.escapeJavaScript("it\'s \\"a\\"\\n/é")', 'it\\\'s \\"a\\"\\n\\/\\u00E9'],
    ['util.urlEncode("a b&c*d~e!")', 'a+b%26c*d%7Ee%21'],
    ['util.urlDecode("a+b%26c")', 'a b&c'],
    ['util.base64Encode("hé")', 'aMOp'],
    ['util.base64Decode("aMOp")', 'hé'],
    ['util.matches("a*b", "aaab")', true],
    ['util.matches("^[0-9]+$", "12a")', false],
    ['util.authType()', 'User Pool Authorization'],
    ['util.math.roundNum(2.5)', 3],
    ['util.math.minVal(1, 2)', 1],
    ['util.str.normalize("e\\u0301", "nfc")', 'é'],
    ['util.time.nowISO8601()', '2026-03-04T15:06:07.089Z'],
    ['util.time.nowEpochSeconds()', Math.floor(NOW / 1000)],
    ['util.time.nowEpochMilliSeconds()', NOW],
    ['util.time.nowFormatted("yyyy-MM-dd HH:mm:ss.SSSXXX")', '2026-03-04 15:06:07.089Z'],
    ['util.time.nowFormatted("EEE, d MMM yy h:mm a", "Asia/Kolkata")', 'Wed, 4 Mar 26 8:36 PM'],
    ['util.time.nowFormatted("yyyy-MM-dd\'T\'HHmmssZ", "America/New_York")', '2026-03-04T100607-0500'],
    ['util.time.parseFormattedToEpochMilliSeconds("2026-03-04 15:06:07+0000", "yyyy-MM-dd HH:mm:ssZ")', NOW - 89],
    ['util.time.parseFormattedToEpochMilliSeconds("2026-03-04 20:36", "yyyy-MM-dd HH:mm", "Asia/Kolkata")', NOW - 7089],
    ['util.time.parseISO8601ToEpochMilliSeconds("2026-03-04T16:06:07.089+01:00")', NOW],
    ['util.time.epochMilliSecondsToISO8601(0)', '1970-01-01T00:00:00.000Z'],
    ['util.http.copyHeaders({ host: "x", "x-a": "1", connection: "y" })', { 'x-a': '1' }],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected)
  })

  test('ids', () => {
    expect(evaluate('util.autoId()')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(evaluate('util.autoUlid()')).toMatch(/^01[0-9A-HJKMNP-TV-Z]{24}$/)
    expect(evaluate('util.autoKsuid()')).toMatch(/^[0-9A-Za-z]{27}$/)
    expect(evaluate('util.autoKsuid()')).not.toBe(evaluate('util.autoKsuid()'))
  })

  test('error, appendError and unauthorized', () => {
    expect(() => evaluate('util.error("no", "Bad", { a: 1 }, { b: 2 })')).toThrow(
      expect.objectContaining({ message: 'no', errorType: 'Bad', data: { a: 1 }, errorInfo: { b: 2 } }),
    )
    expect(() => evaluate('util.unauthorized()')).toThrow(
      expect.objectContaining({ message: 'Not Authorized to access order on type Query', errorType: 'Unauthorized' }),
    )
    const appending = resolver('util.appendError("careful", "Warning")')
    appending.request({})
    expect(appending.invocation.errors).toMatchObject([{ message: 'careful', errorType: 'Warning' }])
  })

  test('response headers, and those that may not be set', () => {
    const setting = resolver(
      'util.http.addResponseHeaders({ "X-Order": 1, "Content-Type": "text/html", "x-amz-a": "b" })',
    )
    setting.request({})
    expect(setting.invocation.responseHeaders).toEqual({ 'x-order': '1' })
    expect(setting.invocation.errors.map((error) => error.errorType)).toEqual([
      'ResponseHeaderError',
      'ResponseHeaderError',
    ])
  })
})

describe('extensions.setSubscriptionFilter', () => {
  const setting = (filters: string) => {
    const one = resolver(`extensions.setSubscriptionFilter({ filterGroup: ${filters} })`)
    return () => one.request({})
  }
  test.each([
    ['an operator that is none', '[{ filters: [{ fieldName: "a", operator: "like", value: 1 }] }]', 'got like'],
    [
      'more than 5 values of in',
      '[{ filters: [{ fieldName: "a", operator: "in", value: [1,2,3,4,5,6] }] }]',
      'subscription exceeds maximum value limit 5 for operator `in`.',
    ],
    ['no value of in', '[{ filters: [{ fieldName: "a", operator: "in", value: [] }] }]', '1 to 5 values'],
    [
      'one field twice in a group',
      '[{ filters: ["gt", "lt"].map((operator) => ({ fieldName: "a", operator, value: 1 })) }]',
      'subscription filter uses same fieldName multiple time in single filter object.',
    ],
    [
      'more than 5 fields',
      `[{ filters: ['a','b','c','d','e','f'].map((fieldName) => ({ fieldName, operator: "eq", value: 1 })) }]`,
      'Filters exceed maximum attributes limit 5',
    ],
    [
      'more than 10 groups once in is written out',
      '[{ filters: ["a", "b"].map((fieldName) => ({ fieldName, operator: "in", value: [1, 2, 3, 4] })) }]',
      'Filters combination exceed maximum limit 10',
    ],
    [
      'a value of over 256 characters',
      '[{ filters: [{ fieldName: "a", operator: "eq", value: "x".repeat(257) }] }]',
      '256',
    ],
  ])('refuses %s', (_, filters, message) => {
    expect(setting(filters)).toThrow(message)
  })
})

describe('the language', () => {
  test('text that is no JSON reads as the empty string', () => {
    expect(evaluate('[JSON.parse("{"), JSON.parse("[1]")]')).toEqual(['', [1]])
  })

  test.each(
    'process require module fetch setTimeout globalThis Buffer eval Function Promise queueMicrotask'.split(' '),
  )('%s is not there', (name) => {
    expect(evaluate(`typeof ${name}`)).toBe('undefined')
  })

  test('console goes to the log', () => {
    const lines: string[] = []
    const code = 'export const request = () => console.log("seen", { a: 1 }); export const response = () => null'
    compileResolver(code, { typeName: 'Query', fieldName: 'order', log: (line) => lines.push(line) }).request({})
    expect(lines).toEqual(['Query.order INFO: seen {"a":1}'])
  })

  test('code may import nothing else', () => {
    const compile = () => resolver('readFileSync("/etc/passwd")', "import { readFileSync } from 'node:fs'")
    expect(compile).toThrow("Query.order imports 'node:fs'; APPSYNC_JS code may import @aws-appsync/utils and")
  })

  test('code that does not parse is named', () => {
    expect(() => resolver('(')).toThrow('Query.order')
  })
})
