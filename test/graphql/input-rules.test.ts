import { compileResolver } from '@agent-jobs/local-cloud/appsync'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inputRules, type JsonSchema } from '../../lib/input-rules.ts'
import { bundleResolvers } from '../../lib/resolvers.ts'
import { ALICE, NOW } from './bundled-resolver.ts'

const CREATE = 'Mutation.createAgentJob.ts'

const faults = (schema: z.ZodType, input: unknown) => {
  const found = inputRules(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema)
  const code = bundleResolvers([CREATE], { agent: found })(CREATE)
  const args = { input: { queryType: 'agent', requestData: JSON.stringify(input) } }
  const { request } = compileResolver(code, { now: () => NOW })
  try {
    request({ args, identity: ALICE, env: {} })
    return []
  } catch (error) {
    return (error as Error).message.replaceAll('requestData', '').split('; ')
  }
}

test.each<[string, z.ZodType, unknown[], unknown[]]>([
  ['number', z.object({ n: z.number().positive().max(5) }), [{ n: 5 }, { n: 0.1 }], [{ n: 0 }, { n: 6 }, { n: '1' }]],
  ['integer', z.object({ n: z.int() }), [{ n: -3 }], [{ n: 1.5 }, { n: null }]],
  ['boolean', z.object({ b: z.boolean() }), [{ b: false }], [{ b: 0 }]],
  ['optional', z.object({ s: z.string().optional() }), [{}, { s: 'x' }], [{ s: null }]],
  ['nullable', z.object({ s: z.string().nullable() }), [{ s: null }], [{ s: 1 }, {}]],
  ['default', z.object({ s: z.string().default('x') }), [{}], [{ s: 1 }]],
  ['literal', z.object({ k: z.literal('a') }), [{ k: 'a' }], [{ k: 'b' }, {}]],
  ['enum', z.object({ k: z.enum(['a', 'b']) }), [{ k: 'b' }], [{ k: 'c' }]],
  ['nested lists', z.array(z.array(z.string().max(1))), [[], [['a'], []]], [[['ab']], ['a'], {}]],
  ['lists and objects', z.object({ l: z.array(z.int()) }), [{ l: [1] }], [{ l: { length: 1 } }, [], { l: 'ab' }, null]],
  ['a field called length', z.object({ length: z.int() }), [{ length: 1 }], [{ length: [] }]],
  ['strict object', z.strictObject({ a: z.string() }), [{ a: 'x' }], [{ a: 'x', b: 1 }, []]],
  ['date', z.iso.date(), ['2024-02-29'], ['2023-02-29', '2024-2-9', 'x2024-02-29']],
  ['time in UTC', z.iso.datetime(), ['2026-01-31T09:30:00Z'], ['2026-01-31T09:30:00+01:00', '2026-01-31']],
  ['time', z.iso.time(), ['09:30:00'], ['24:00:00']],
  ['time with offset', z.iso.datetime({ offset: true }), ['2026-01-31T09:30:00+01:00'], ['2026-01-31T09:30:00']],
  ['pattern', z.string().regex(/^[a-c]+$/), ['abc'], ['abd', '']],
])('%s: what zod takes passes, what it refuses does not', (_, schema, good, bad) => {
  for (const input of good)
    expect([input, schema.safeParse(input).success, faults(schema, input)]).toEqual([input, true, []])
  for (const input of bad) {
    expect([input, schema.safeParse(input).success]).toEqual([input, false])
    expect(faults(schema, input), JSON.stringify(input)).not.toEqual([])
  }
})

test('what a rule cannot say is left to the worker: it must never refuse what zod takes', () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree).optional()
    },
  })
  const schema = z.object({
    either: z.union([z.string(), z.object({ n: z.number() })]),
    map: z.record(z.string(), z.number()),
    pair: z.tuple([z.string(), z.number()]),
    tree: Tree,
    mail: z.email(),
    code: z.string().regex(/a|b/),
    any: z.unknown(),
  })
  const input = {
    either: { n: 1 },
    map: { a: 1 },
    pair: ['a', 1],
    tree: { name: 'x', children: [{ name: 'y' }] },
    mail: 'a@b.co',
    any: 1,
    code: 'xbx',
  }
  expect(schema.safeParse(input).success).toBe(true)
  expect(faults(schema, input)).toEqual([])
  expect(faults(schema, { ...input, either: undefined })).toEqual(['.either is missing: it must be a value'])
})

test('says what a value must be', () => {
  expect(
    faults(z.object({ tasks: z.array(z.object({ title: z.string().min(1) })) }), { tasks: [{ title: 17 }] }),
  ).toEqual(['.tasks[0].title must be a string of 1 or more characters, got 17'])
  expect(faults(z.iso.datetime(), 'soon')).toEqual([
    ' must be a date and time in UTC such as 2026-01-31T09:30:00Z, got "soon"',
  ])
  expect(faults(z.object({ n: z.int().min(1).max(9).nullable() }), { n: 10 })).toEqual([
    '.n must be a whole number from 1 to 9 or null, got 10',
  ])
})
