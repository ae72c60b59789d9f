import * as z from 'zod'
import { defineAgent } from '../sdk/define-agent.ts'

/** Answers with as much text as asked for. */
const report = defineAgent({
  name: 'report',
  input: z.object({ letters: z.number() }),
  output: z.object({ text: z.string() }),
  // Two bytes a letter, so that bytes and characters cannot be mistaken for each other.
  run: ({ letters }) => ({ text: 'é'.repeat(letters) }),
})

export const agents = { report }
