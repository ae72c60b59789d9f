import * as z from 'zod'
import { defineAgent } from '../sdk/define-agent.ts'

/** Does nothing: what is left is the way of a job through the stack. */
export const nothing = defineAgent({
  name: 'nothing',
  input: z.object({ n: z.number() }),
  output: z.object({ n: z.number() }),
  run: ({ n }) => ({ n }),
})

/** Asks the model once and waits for it, as an agent does. */
export const askOnce = defineAgent({
  name: 'askOnce',
  input: z.object({ n: z.number() }),
  output: z.object({ answer: z.string() }),
  system: 'You answer in one word.',
  prompt: () => 'Say yes.',
})

export const agents = { nothing, askOnce }
