import * as z from 'zod'
import { agents as ours } from '../../agents/index.ts'
import { defineAgent } from '../../sdk/define-agent.ts'

/** Answers with as much text as asked for. */
const report = defineAgent({
  name: 'report',
  input: z.object({ letters: z.number() }),
  output: z.object({ text: z.string() }),
  run: ({ letters }) => ({ text: 'x'.repeat(letters) }),
})

/** Takes a while, so that a later turn of the same session would overtake it if it could. */
const turn = defineAgent({
  name: 'turn',
  input: z.object({ milliseconds: z.number() }),
  output: z.object({}),
  run: async ({ milliseconds }) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    return {}
  },
})

export const agents = { ...ours, report, turn }
