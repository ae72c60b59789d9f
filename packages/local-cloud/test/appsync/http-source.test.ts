import type { IncomingMessage } from 'node:http'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { serve } from '../open-service.ts'
import { startApi } from './appsync-world.ts'

/** The field runs the request object that its argument is. */
const CODE = `
  import { util } from '@aws-appsync/utils'
  export const request = (ctx) => ctx.args.run
  export const response = (ctx) => {
    if (ctx.error) util.error(ctx.error.message, ctx.error.type)
    return ctx.result
  }`

const seen: (Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { body: string })[] = []
beforeEach(() => void seen.splice(0))

/** An API with an HTTP data source for an AWS host, which is really a server of this test. */
async function startWorld(signing?: { region: string; serviceName: string }) {
  const { endpoint } = await serve(async ({ headers, method, url }, response, body) => {
    seen.push({ headers, method, url, body: body.toString() })
    response.writeHead(url === '/missing' ? 404 : 206, { 'content-range': 'bytes 0-3/9' }).end('tëxt')
  })
  const world = await startApi({
    schema: 'type Query { run(run: AWSJSON!): AWSJSON }',
    dataSources: [{ name: 'S3', type: 'HTTP', http: { url: 'https://b.s3.us-east-1.amazonaws.com', signing } }],
    resolvers: [{ typeName: 'Query', fieldName: 'run', dataSourceName: 'S3', code: CODE }],
    addressOf: (url) => (url === 'https://b.s3.us-east-1.amazonaws.com' ? endpoint : url),
  })
  onTestFinished(() => world[Symbol.asyncDispose]())
  return async (run: object) => {
    const answer = await world.post('query ($run: AWSJSON!) { run(run: $run) }', { run: JSON.stringify(run) })
    return answer.errors ? answer.errors[0] : JSON.parse(answer.data.run)
  }
}

test('the answer is status, headers and text, whatever the status', async () => {
  const run = await startWorld()
  const get = await run({ method: 'GET', resourcePath: '/results/a%20b.json' })
  expect(get).toMatchObject({ statusCode: 206, body: 'tëxt', headers: { 'content-range': 'bytes 0-3/9' } })
  expect(seen[0]).toMatchObject({ method: 'GET', url: '/results/a%20b.json', body: '' })
  expect(await run({ method: 'GET', resourcePath: '/missing' })).toMatchObject({ statusCode: 404, body: 'tëxt' })
})

test('the request names the host that it goes to, and takes headers, query and body from the resolver', async () => {
  const run = await startWorld()
  const params = { headers: { range: 'bytes=0-3' }, query: { a: '1 2', b: 3 }, body: { deep: [1] } }
  await run({ method: 'POST', resourcePath: '/x', params })
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/x?a=1+2&b=3', body: '{"deep":[1]}' })
  expect(seen[0]?.headers).toMatchObject({ host: expect.stringMatching(/^127\.0\.0\.1:\d+$/), range: 'bytes=0-3' })
})

test('requests are signed for the service that the data source names, or not at all', async () => {
  const plain = await startWorld()
  await plain({ method: 'GET', resourcePath: '/' })
  expect(seen[0]?.headers.authorization).toBeUndefined()
  const signed = await startWorld({ region: 'eu-west-1', serviceName: 's3' })
  await signed({ method: 'GET', resourcePath: '/' })
  expect(seen[1]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/eu-west-1\/s3\/aws4_request/)
})

test.each([
  [{ method: 'HEAD', resourcePath: '/' }, 'method of an HTTP request must be one of GET, POST'],
  [{ method: 'GET', resourcePath: 'x' }, 'resourcePath of an HTTP request must begin with /, got x'],
  [{ method: 'GET', resourcePath: '/', params: { headers: { Host: 'x' } } }, 'may not set host'],
])('%j is refused before it is sent', async (request, message) => {
  const run = await startWorld()
  expect((await run(request)).message).toContain(message)
  expect(seen).toEqual([])
})

test('a host that does not answer is an error of the data source', async () => {
  const world = await startApi({
    schema: 'type Query { run(run: AWSJSON!): AWSJSON }',
    dataSources: [{ name: 'Nobody', type: 'HTTP', http: { url: 'http://127.0.0.1:1' } }],
    resolvers: [{ typeName: 'Query', fieldName: 'run', dataSourceName: 'Nobody', code: CODE }],
  })
  onTestFinished(() => world[Symbol.asyncDispose]())
  const { errors } = await world.post('{ run(run: "{\\"method\\":\\"GET\\",\\"resourcePath\\":\\"/\\"}") }')
  expect(errors?.[0]).toMatchObject({ errorType: 'Http:RequestFailed', message: expect.stringContaining('GET http:') })
})
