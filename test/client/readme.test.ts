import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { amplifyOutputs } from '../../cli/outputs/amplify-outputs.ts'
import request from '../../examples/planDay.json' with { type: 'json' }
import { offlineModel } from '../../local/offline-model.ts'
import { startLocal } from '../../local/start-local.ts'

test("the client's README runs from its first line to its last", async () => {
  const readme = readFileSync('packages/client/README.md', 'utf8')
  const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string)
  expect(snippets).toHaveLength(4)
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const seen: unknown[][] = []
  Object.assign(globalThis, { request, show: (...told: unknown[]) => seen.push(told) })
  const folder = mkdtempSync(join(import.meta.dirname, 'readme-'))
  try {
    writeFileSync(join(folder, 'amplify_outputs.json'), JSON.stringify(amplifyOutputs(cloud.outputs)))
    for (const [index, code] of snippets.entries()) {
      const file = join(folder, `snippet-${index}.ts`)
      writeFileSync(file, code)
      await import(file)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(seen.map(([status]) => status).slice(0, 4)).toEqual(['PENDING', 'PROCESSING', 'COMPLETE', 'COMPLETE'])
  expect(JSON.parse(seen[3]?.[1] as string)).toHaveProperty('schedule')
  // The job that just ended, and what it said.
  expect(seen).toHaveLength(5)
  expect(seen[4]?.[2]).toBeGreaterThan(0)
})
