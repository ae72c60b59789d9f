import { EarlyReturn } from '@agent-jobs/local-cloud/appsync'
import { expect, test } from 'vitest'
import { errorOf, resolver } from './bundled-resolver.ts'

const row = { id: 'a', owner: 'alice', queryType: 'planDay', status: 'COMPLETE', resultPreview: '{"text":"Once' }
const kept = { ...row, resultKey: 'results/a/1.json' }
const answer = (result: object, prev: object = { ...row, omitted: ['resultData'] }) =>
  resolver('Query.getAgentJob.2.fetchResult', { prev: { result: prev }, result }).response

test('a row with its result elsewhere says so wherever it is shown', () => {
  const list = resolver('Query.listAgentJobs', { prev: { result: { items: [kept, row], nextToken: null } } })
  const [first, second] = list.response().items
  expect(first).toMatchObject({ resultPreview: row.resultPreview, omitted: ['resultData'] })
  expect(first.resultData ?? null).toBeNull()
  expect(second.omitted ?? null).toBeNull()
})

test('the key is handed on only when the caller may see the job', () => {
  const stashOf = (owner: string) => {
    const { ctx, response } = resolver('Query.getAgentJob.1.readRow', { result: { ...kept, owner } })
    response()
    return ctx.stash
  }
  expect(stashOf('alice')).toEqual({ resultKey: 'results/a/1.json' })
  expect(stashOf('bob')).toEqual({})
})

test('S3 is asked for what AppSync can answer with, or not at all', () => {
  const fetch = (stash: Record<string, unknown>) =>
    resolver('Query.getAgentJob.2.fetchResult', { prev: { result: row }, stash }).request
  expect(fetch({ resultKey: 'results/a/1.json' })()).toEqual({
    method: 'GET',
    resourcePath: '/results/a/1.json',
    params: { headers: { range: 'bytes=0-1999999' } },
  })
  expect(fetch({})).toThrow(EarlyReturn)
})

test('what S3 answers becomes the result, whole or not at all', () => {
  const body = '{"text":"Once upon"}'
  const whole = { ...row, resultData: body, omitted: null }
  expect(answer({ statusCode: 200, body, headers: {} })()).toEqual(whole)
  for (const name of ['content-range', 'Content-Range']) {
    const part = (size: number) => ({ statusCode: 206, body, headers: { [name]: `bytes 0-1999999/${size}` } })
    expect(answer(part(2_000_000))()).toEqual(whole)
    expect(answer(part(2_000_001))()).toEqual({ ...row, omitted: ['resultData'] })
  }
})

test('a result that is gone stays omitted; any other refusal is an error', () => {
  const refused = (statusCode: number, code: string) => answer({ statusCode, body: `<Code>${code}</Code>` })
  expect(refused(404, 'NoSuchKey')()).toEqual({ ...row, omitted: ['resultData'] })
  expect(refused(403, 'AccessDenied')()).toEqual({ ...row, omitted: ['resultData'] })
  for (const [status, code] of [
    [403, 'SignatureDoesNotMatch'],
    [503, 'SlowDown'],
  ] as const) {
    const { errorType, message } = errorOf(refused(status, code))
    expect(errorType).toBe('ResultUnavailable')
    expect(message).toContain(`${status}`)
    expect(message).toContain(code)
  }
})
