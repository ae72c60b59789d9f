import { describe, expect, test } from 'vitest'
import type { LambdaCalls, ResolverDefinition } from '../../src/appsync/api.ts'
import { startApi } from './appsync-world.ts'

const utils = "import { util, runtime, extensions } from '@aws-appsync/utils'\n"

const pipeline = (code: string, ...functionIds: string[]): ResolverDefinition => ({
  typeName: 'Query',
  fieldName: 'value',
  kind: 'PIPELINE',
  functionIds,
  code: utils + code,
})

/** Functions named by a letter; each sends its letter to a NONE data source and adds what it saw to the stash. */
const step = (letter: string, request = `({ payload: '${letter}' })`) => ({
  functionId: letter,
  name: letter,
  dataSourceName: 'None',
  code: `${utils}
    export const request = (ctx) => { ctx.stash.seen.push('${letter} after ' + ctx.prev.result); return ${request} }
    export const response = (ctx) => ctx.result`,
})

const OUTER = `
  export const request = (ctx) => { ctx.stash.seen = []; return 'start' }
  export const response = (ctx) => JSON.stringify([ctx.prev.result, ctx.stash.seen])`

const schema = 'type Order { id: ID! name: String } type Query { value(order: AWSJSON): String order: Order }'

async function pipelineValue(resolver: ResolverDefinition, functions = [step('a'), step('b')]) {
  await using world = await startApi({ schema, functions, resolvers: [resolver] })
  const { data, errors } = await world.post('{ value }')
  return errors ? { errors } : JSON.parse(data.value)
}

describe('a pipeline', () => {
  test('hands each function what the one before it answered', async () => {
    expect(await pipelineValue(pipeline(OUTER, 'a', 'b'))).toEqual(['b', ['a after start', 'b after a']])
  })

  test('earlyReturn in a function skips its data source and goes on', async () => {
    const functions = [step('a', 'runtime.earlyReturn("early")'), step('b')]
    expect(await pipelineValue(pipeline(OUTER, 'a', 'b'), functions)).toEqual(['b', ['a after start', 'b after early']])
  })

  test('earlyReturn to the end skips the other functions', async () => {
    const functions = [step('a', 'runtime.earlyReturn("early", { skipTo: "END" })'), step('b')]
    expect(await pipelineValue(pipeline(OUTER, 'a', 'b'), functions)).toEqual(['early', ['a after start']])
  })

  test('earlyReturn in the resolver skips all functions', async () => {
    const code = OUTER.replace("return 'start'", "return runtime.earlyReturn('early')")
    expect(await pipelineValue(pipeline(code, 'a', 'b'))).toEqual(['early', []])
  })

  test('util.error in a function ends the field', async () => {
    const functions = [step('a', 'util.error("stop", "Stopped")'), step('b')]
    expect(await pipelineValue(pipeline(OUTER, 'a', 'b'), functions)).toMatchObject({
      errors: [{ message: 'stop', errorType: 'Stopped', path: ['value'] }],
    })
  })
})

describe('errors of a resolver', () => {
  const unit = (code: string, fieldName = 'order'): ResolverDefinition => ({
    typeName: 'Query',
    fieldName,
    dataSourceName: 'None',
    code: `${utils}export const request = () => ({ payload: { id: '1', name: 'n' } })
      export const response = (ctx) => ${code}`,
  })
  const ask = async (code: string) => {
    await using world = await startApi({ schema, resolvers: [unit(code)] })
    return { ...(await world.post('{ order { name } }')), lines: world.lines }
  }

  test('util.error shows of its data what was selected', async () => {
    expect(await ask('util.error("no", "Refused", ctx.result, { why: 1 })')).toMatchObject({
      data: { order: null },
      errors: [
        {
          path: ['order'],
          data: { name: 'n' },
          errorType: 'Refused',
          errorInfo: { why: 1 },
          locations: [{ line: 1, column: 3, sourceName: null }],
          message: 'no',
        },
      ],
    })
  })

  test('util.appendError goes on with the value', async () => {
    expect(await ask('{ util.appendError("careful", "Warning", ctx.result); return ctx.result }')).toMatchObject({
      data: { order: { name: 'n' } },
      errors: [{ path: ['order'], data: { name: 'n' }, errorType: 'Warning', message: 'careful' }],
    })
  })

  test('a fault of the code says what went wrong, and the log where', async () => {
    const answer = await ask('ctx.nothing.there')
    expect(answer.errors).toMatchObject([
      { errorType: 'JSExecutionError', message: expect.stringContaining("reading 'there'") },
    ])
    expect(answer.lines.join('\n')).toContain('appsync/Query.order')
  })

  test('a handler must not be async', async () => {
    await using world = await startApi({
      schema,
      resolvers: [{ ...unit('1'), code: 'export const request = async () => ({}); export const response = () => 1' }],
    })
    expect((await world.post('{ order { name } }')).errors?.[0].message).toContain('must not be async')
  })

  test('addResponseHeader reaches the client', async () => {
    const answer = await ask('{ util.http.addResponseHeader("x-order", "1"); return ctx.result }')
    expect(answer.headers.get('x-order')).toBe('1')
  })
})

describe('the context', () => {
  test('is what AppSync gives', async () => {
    await using world = await startApi({
      schema,
      environmentVariables: { TABLE: 'Orders' },
      resolvers: [
        {
          typeName: 'Query',
          fieldName: 'value',
          dataSourceName: 'None',
          code: `export const request = (ctx) => ({ payload: JSON.stringify({ ...ctx, list: ctx.info.selectionSetList, args: ctx.args, same: ctx.args === ctx.arguments }) })
            export const response = (ctx) => ctx.result`,
        },
      ],
    })
    const { data } = await world.post('query ($order: AWSJSON) { value(order: $order) }', { order: '{"a":1}' })
    expect(JSON.parse(data.value)).toMatchObject({
      args: { order: { a: 1 } },
      same: true,
      source: null,
      stash: {},
      env: { TABLE: 'Orders' },
      request: { domainName: null },
      info: { fieldName: 'value', parentTypeName: 'Query', variables: { order: { a: 1 } } },
      list: [],
    })
    expect(JSON.parse(data.value).info).not.toHaveProperty('selectionSetList')
  })
})

describe('the Lambda data source', () => {
  const ask = async (request: string, invoke: LambdaCalls['invoke'], response = 'ctx.result') => {
    await using world = await startApi({
      schema,
      lambda: { invoke },
      dataSources: [{ name: 'Function', type: 'AWS_LAMBDA', functionArn: 'arn:f' }],
      resolvers: [
        {
          typeName: 'Query',
          fieldName: 'value',
          dataSourceName: 'Function',
          code:
            request &&
            `${utils}export const request = () => (${request}); export const response = (ctx) => ${response}`,
        },
      ],
    })
    return await world.post('{ value }')
  }
  const events: unknown[] = []
  const answering =
    (payload: unknown, functionError?: string): LambdaCalls['invoke'] =>
    async (_, event) => {
      events.push(event)
      return { statusCode: 200, payload, functionError }
    }

  test('gets the payload and answers the result', async () => {
    const answer = await ask('{ operation: "Invoke", payload: { a: 1 } }', answering('done'))
    expect([answer.data.value, events.at(-1)]).toEqual(['done', { a: 1 }])
  })

  test('a direct resolver gets the whole context', async () => {
    expect((await ask('', answering('done'))).data.value).toBe('done')
    expect(events.at(-1)).toMatchObject({ arguments: {}, info: { fieldName: 'value', selectionSetList: [] } })
  })

  test('BatchInvoke sends a list', async () => {
    const answer = await ask('{ operation: "BatchInvoke", payload: 1 }', answering([{ data: 'one' }]))
    expect([answer.data.value, events.at(-1)]).toEqual(['one', [1]])
  })

  test('a function that throws is ctx.error', async () => {
    const failing = answering({ errorMessage: 'broken' }, 'Unhandled')
    const raised = await ask('{ operation: "Invoke" }', failing, 'util.error(ctx.error.message, ctx.error.type)')
    expect(raised.errors).toMatchObject([{ errorType: 'Lambda:Unhandled', message: 'broken' }])
    expect((await ask('{ operation: "Invoke" }', failing, '"swallowed"')).data.value).toBe('swallowed')
    expect((await ask('', failing)).errors).toMatchObject([{ errorType: 'Lambda:Unhandled' }])
  })
})

describe('an API that cannot work is refused at the start', () => {
  const code = 'export const request = () => ({}); export const response = () => null'
  const resolver = { typeName: 'Query', fieldName: 'value', dataSourceName: 'None', code }
  test.each([
    ['an unknown field', { resolvers: [{ ...resolver, fieldName: 'no' }] }, 'Query.no names no field'],
    [
      'an unknown data source',
      { resolvers: [{ ...resolver, dataSourceName: 'Nowhere' }] },
      'Nowhere; the API has None',
    ],
    ['an unknown function', { resolvers: [pipeline(OUTER, 'zzz')] }, 'names function zzz'],
    [
      'half a resolver',
      { resolvers: [{ ...resolver, code: 'export const request = () => ({})' }] },
      'must export request and response',
    ],
    [
      'a data source that is not emulated',
      { dataSources: [{ name: 'Db', type: 'RELATIONAL_DATABASE' }] },
      'Db has type',
    ],
    [
      'a data source without its endpoint',
      { dataSources: [{ name: 'Web', type: 'HTTP' }] },
      'HTTP needs a http endpoint',
    ],
    ['a schema that does not parse', { schema: 'type Query {' }, 'the GraphQL schema cannot be read'],
  ])('%s', async (_, api, message) => {
    await expect(startApi({ schema, ...api })).rejects.toThrow(message)
  })
})
