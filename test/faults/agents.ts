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

export const agents = { ask, dig, brief, long }
