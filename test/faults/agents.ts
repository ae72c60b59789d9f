import * as z from 'zod'
import { defineAgent } from '../../sdk/define-agent.ts'
import { defineTool } from '../../sdk/define-tool.ts'

/** `key` tells the scripted model which job asks. */
const input = z.object({ key: z.string() })
const output = z.object({ answer: z.string() })
const system = 'You answer in one word.'

/** Asks the model once. */
export const ask = defineAgent({ name: 'ask', input, output, system, prompt: () => 'Say yes.' })

const look = defineTool({
  name: 'look',
  description: 'Looks something up.',
  input: z.object({ what: z.string() }),
  run: ({ what }) => ({ found: what }),
})

/** Asks the model as often as it calls the tool, and once more. */
export const dig = defineAgent({
  name: 'dig',
  input,
  output,
  system,
  tools: [look],
  prompt: () => 'Look, then say yes.',
})

/** Its time is over after a minute. */
export const brief = defineAgent({
  name: 'brief',
  input,
  output,
  system,
  timeout: { minutes: 1 },
  prompt: () => 'Say yes.',
})

/** May take longer than a worker has. */
export const long = defineAgent({
  name: 'long',
  input,
  output,
  system,
  tools: [look],
  timeout: { minutes: 60 },
  prompt: () => 'Look often, then say yes.',
})

/** Does what an agent of somebody else's may do, by what the script of its job says: each once, and then it answers. */
const guilt: Record<string, () => unknown> = {
  throwsOddly: () => {
    throw Object.create(null)
  },
  forgetsAwait: () => {
    void Promise.reject(new Error('nobody waits for this'))
    return new Promise(() => undefined)
  },
  throwsLate: () => {
    setTimeout(() => {
      throw new Error('in a timer')
    }, 1_000)
    return new Promise(() => undefined)
  },
  exits: () => process.exit(1),
  neverEnds: () => new Promise(() => undefined),
  isCyclic: () => {
    const answer: Record<string, unknown> = {}
    answer.answer = answer
    return answer
  },
}
export const GUILT = Object.keys(guilt)

/** Harms itself, and must harm nobody else. */
export const guilty = defineAgent({
  name: 'guilty',
  input: input.extend({ does: z.string() }),
  output: z.any(),
  run: async ({ does }) => guilt[does]?.(),
})

export const agents = { ask, dig, brief, long, guilty }
