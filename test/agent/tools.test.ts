import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defineAgent } from '../../sdk/define-agent.ts'
import { defineTool } from '../../sdk/define-tool.ts'
import { RetryLater } from '../../sdk/failures.ts'
import { call, jobWith, scripted } from './agent-world.ts'

describe('tools', () => {
  const find = defineTool({
    name: 'find',
    description: 'Finds numbers',
    input: z.object({ of: z.string() }),
    run: ({ of }) => {
      if (of === 'busy') throw new RetryLater({ code: 'BUSY', message: 'busy', remediation: 'wait' })
      if (of === 'broken') throw new Error('no such list')
      return { numbers: [1, 2], of }
    },
  })
  const agent = defineAgent({
    name: 'sum',
    input: z.object({ numbers: z.array(z.number()) }),
    output: z.object({ total: z.number() }),
    system: 'You add numbers.',
    prompt: () => 'Add these.',
    tools: [find],
    maxTurns: 3,
  })
  const submit = { content: [call('submit_sum', { total: 3 }, 's1')] }

  test('are run, told about, and answered', async () => {
    const { model, asked } = scripted(
      { say: 'I look.', content: [call('find', { of: 'anna' })] },
      { ...submit, say: 'Found.' },
    )
    const { job, told } = jobWith(model)
    expect(await agent.run({ numbers: [] }, job)).toMatchObject({ total: 3 })
    expect(asked[0]?.tools?.map(({ name }) => name)).toEqual(['find', 'submit_sum'])
    expect(asked[1]?.messages[2]?.content).toEqual([
      { toolResult: { toolUseId: 't1', status: 'success', content: [{ json: { numbers: [1, 2], of: 'anna' } }] } },
    ])
    expect(told.text).toBe('I look.\n\nFound.')
    expect(told.events).toEqual([
      { type: 'TOOL_CALL', data: { toolUseId: 't1', name: 'find', input: { of: 'anna' } } },
      { type: 'TOOL_RESULT', data: { toolUseId: 't1', output: { numbers: [1, 2], of: 'anna' } } },
    ])
  })

  test.each([
    ['find', { of: 'broken' }, /find failed: no such list/],
    ['find', { of: 7 }, /find refused this input/],
    ['lose', {}, /There is no tool lose; there is find/],
  ])('what goes wrong with %s %j is told to the model', async (name, input, message) => {
    const { model, asked } = scripted({ content: [call(name, input)] }, submit)
    await agent.run({ numbers: [] }, jobWith(model).job)
    expect(asked[1]?.messages[2]?.content[0]).toEqual({
      toolResult: { toolUseId: 't1', status: 'error', content: [{ text: expect.stringMatching(message) }] },
    })
  })

  const loop: Record<string, unknown> = {}
  loop.self = loop
  test.each<[string, unknown, object]>([
    ['nothing', undefined, { status: 'success', content: [{ text: '"done"' }] }],
    ['null', null, { status: 'success', content: [{ text: 'null' }] }],
    ['an invalid date', new Date('never'), { status: 'success', content: [{ text: 'null' }] }],
    ['one in an object', { at: new Date('never') }, { status: 'success', content: [{ json: { at: null } }] }],
    ['a date', { at: new Date(0) }, { status: 'success', content: [{ json: { at: '1970-01-01T00:00:00.000Z' } }] }],
    ['no number', { n: Number.NaN }, { status: 'success', content: [{ json: { n: null } }] }],
    ['a list', [1], { status: 'success', content: [{ text: '[1]' }] }],
    ['a function', () => 1, { status: 'success', content: [{ text: '"done"' }] }],
    [
      'a BigInt',
      { n: 1n },
      { status: 'error', content: [{ text: expect.stringMatching(/^answer ran, but .*BigInt/) }] },
    ],
    ['a loop', loop, { status: 'error', content: [{ text: expect.stringMatching(/^answer ran, but .*circular/) }] }],
  ])('that answer with %s', async (_what, output, result) => {
    const answering = defineAgent({
      name: 'sum',
      input: z.object({}),
      output: z.object({ total: z.number() }),
      system: 'You add numbers.',
      prompt: () => 'Add these.',
      tools: [defineTool({ name: 'answer', description: 'Answers', input: z.object({}), run: () => output })],
    })
    const { model, asked } = scripted({ content: [call('answer', {})] }, submit)
    const { job, told } = jobWith(model)
    expect(await answering.run({}, job)).toEqual({ total: 3 })
    expect(asked[1]?.messages[2]?.content[0]).toEqual({ toolResult: { toolUseId: 't1', ...result } })
    expect(() => JSON.stringify(told.events)).not.toThrow()
  })

  test('a failure that names its kind ends the run as it is', async () => {
    const { model } = scripted({ content: [call('find', { of: 'busy' })] })
    await expect(agent.run({ numbers: [] }, jobWith(model).job)).rejects.toMatchObject({
      name: 'RetryLater',
      code: 'BUSY',
    })
  })

  test('a model that never comes to an end is stopped', async () => {
    const again = () => ({ content: [call('find', { of: 'anna' })] })
    const { model, asked } = scripted(again(), again(), again(), again())
    await expect(agent.run({ numbers: [] }, jobWith(model).job)).rejects.toMatchObject({ code: 'TOO_MANY_TURNS' })
    expect(asked).toHaveLength(3)
  })

  test('a cancelled job runs no more tools', async () => {
    const cancel = new AbortController()
    cancel.abort(new Error('cancelled'))
    const { job, told } = jobWith(scripted({ content: [call('find', { of: 'anna' })] }).model, cancel.signal)
    await expect(agent.run({ numbers: [] }, job)).rejects.toThrow('cancelled')
    expect(told.events).toEqual([])
  })
})
