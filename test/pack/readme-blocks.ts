import { readFileSync } from 'node:fs'

/** The six lines of the README's "Your own app", taken apart: a file of agents, an import, and a line in a stack. */
export function readmeBlocks(): { agents: string; stackImport: string; stackLine: string } {
  const readme = readFileSync('README.md', 'utf8')
  const section = /^## Your own app$([\s\S]*?)^## /m.exec(readme)?.[1] ?? ''
  const blocks = [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
  const agents = blocks.find((code) => code.includes('export const agents'))
  const stack = blocks.find((code) => code.includes('new AgentJobs('))
  const stackImport = stack?.split('\n').find((line) => line.startsWith('import'))
  const stackLine = stack?.split('\n').find((line) => line.includes('new AgentJobs('))
  if (!agents || !stackImport || !stackLine)
    throw new Error('README.md must show agents and the construct under "Your own app"')
  return { agents, stackImport, stackLine }
}
