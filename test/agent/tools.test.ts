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
