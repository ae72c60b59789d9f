import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defineAgent } from '../../sdk/define-agent.ts'
import { defineTool } from '../../sdk/define-tool.ts'
import { call, jobWith, scripted } from './agent-world.ts'

/** An agent with two tools, and the calls that were made of them. */
function world() {
  const made: { name: string; key: string }[] = []
  const tool = (name: string) =>
    defineTool({
      name,
      description: name,
      input: z.object({}),
      run: (_input, _job, { idempotencyKey: key }) => void made.push({ name, key }),
    })
  const agent = defineAgent({
    name: 'sum',
    input: z.object({}),
    output: z.object({ total: z.number() }),
    system: 'You add numbers.',
    prompt: () => 'Add these.',
    tools: [tool('book'), tool('pay')],
  })
  return { agent, made }
}
type Turn = Parameters<typeof scripted>[0]
const useTools: Turn = { say: 'I book.', content: [call('book', {}, 't1'), call('pay', {}, 't2')] }
const refused: Turn = { say: 'It is three.', content: [call('submit_sum', { total: 'three' }, 's1')] }
const accepted: Turn = { say: 'Done.', content: [call('submit_sum', { total: 3 }, 's2')] }

/** Runs the agent through a whole script, and answers with what was checkpointed on the way. */
async function runThrough() {
  const { agent, made } = world()
  const { model, asked } = scripted(useTools, refused, accepted)
  const { job, told } = jobWith(model)
  await agent.run({}, job)
  return { made, asked, told }
}

describe('a prompt agent', () => {
  test('is checkpointed before its tools, after them, and after a refused answer; not at its end', async () => {
    const { told } = await runThrough()
    expect(told.checkpoints).toMatchObject([
      { turn: 1, reply: { stopReason: 'tool_use' }, messages: [{ role: 'user' }], repairing: false, said: 'I book.' },
      { turn: 2, reply: undefined, repairing: false },
      { turn: 3, reply: undefined, repairing: true, said: 'I book.\n\nIt is three.' },
    ])
  })

  test.each([
    [0, [refused, accepted], 2],
    [1, [refused, accepted], 0],
    [2, [accepted], 0],
  ])('goes on from checkpoint %i as if nothing had been, and asks no turn twice', async (place, rest, toolsAgain) => {
    const first = await runThrough()
    const { agent, made } = world()
    const { model, asked } = scripted(...rest)
    const stored: unknown = JSON.parse(JSON.stringify(first.told.checkpoints[place]))
    const { job, told } = jobWith(model, undefined, stored)
    expect(await agent.run({}, job)).toEqual({ total: 3 })
    expect(asked).toEqual(first.asked.slice(-rest.length))
    expect(made).toEqual(first.made.slice(0, toolsAgain))
    // What was said before is not said again, and not forgotten either.
    expect(told.text).toBe(first.told.text.slice((first.told.checkpoints[place] as { said: string }).said.length))
    expect(told.partial).toEqual(first.told.partial)
    expect(told.progress).toEqual([])
  })

  test('counts the turns before its checkpoint', async () => {
    const { agent } = world()
    const first = await runThrough()
    const stored = { ...(first.told.checkpoints[0] as object), turn: 10 }
    await expect(agent.run({}, jobWith(scripted().model, undefined, stored).job)).rejects.toMatchObject({
      code: 'TOO_MANY_TURNS',
    })
  })

  test.each([[undefined], [null], ['text'], [{ turn: 2 }], [{ turn: 1, messages: {}, repairing: false, said: '' }]])(
    'starts anew from a checkpoint that is none of its own (%j)',
    async (resumed) => {
      const { agent } = world()
      const { model, asked } = scripted(accepted)
      await agent.run({}, jobWith(model, undefined, resumed).job)
      expect(asked[0]?.messages).toHaveLength(1)
    },
  )

  test('keeps what it said as the partial result', async () => {
    const { told } = await runThrough()
    expect(told.partial).toEqual({ text: told.text })
    expect(told.text).toBe('I book.\n\nIt is three.\n\nDone.')
  })
})

test('each call of a tool has a key of its own, made of job, turn and place', async () => {
  const { made } = await runThrough()
  expect(made).toEqual([
    { name: 'book', key: '01JOB/1/1' },
    { name: 'pay', key: '01JOB/1/2' },
  ])
})
