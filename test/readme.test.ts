import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { localCloud } from '@agent-jobs/client'
import { Amplify } from 'aws-amplify'
import { describe, expect, test } from 'vitest'
import { amplifyOutputs } from '../cli/outputs/amplify-outputs.ts'
import request from '../examples/planDay.json' with { type: 'json' }
import { offlineModel } from '../local/offline-model.ts'
import { startLocal } from '../local/start-local.ts'

const ROOT = join(import.meta.dirname, '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

test("the README's front-end code runs as it stands and shows a job until it is COMPLETE", async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const outputs = amplifyOutputs(cloud.outputs)
  const local = localCloud(outputs, await cloud.token('alice'))
  const seen: string[] = []
  const complete = new Promise<string>((resolve) => {
    Object.assign(globalThis, {
      request,
      show(status: string, _progress: number | null, resultData: string | null) {
        seen.push(status)
        if (status === 'COMPLETE') resolve(resultData as string)
      },
    })
  })
  const folder = mkdtempSync(join(import.meta.dirname, 'readme-'))
  try {
    writeFileSync(join(folder, 'amplify_outputs.json'), JSON.stringify(outputs))
    writeFileSync(join(folder, 'snippet.ts'), firstSnippet())
    // The snippet's own Amplify.configure is for a deployed API; here it is told of the local cloud first, and kept to it.
    Amplify.configure(outputs, local)
    const configure = Amplify.configure.bind(Amplify)
    Amplify.configure = (given) => configure(given, local)
    await import(join(folder, 'snippet.ts'))
    const plan = JSON.parse(await complete) as { schedule: unknown[] }
    expect(plan.schedule.length).toBeGreaterThan(0)
    expect(seen).toEqual(['PENDING', 'PROCESSING', 'COMPLETE'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function firstSnippet(): string {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  expect(code).toContain("submitJob('planDay', request)")
  return `declare const request: unknown\ndeclare function show(...seen: unknown[]): void\n${code}`
}

describe.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'DECISIONS.md', 'bench/README.md'])('%s', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8')

  test('links only to files that are there', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, link]) => link as string)
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([])
  })

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
    const named = [...text.matchAll(/npm (?:run ([a-z:]+)|(start|test)\b)/g)].map(([, run, short]) => run ?? short)
    expect(named.filter((name) => !Object.keys(scripts).includes(name as string))).toEqual([])
  })
})

test('the README names each agent that comes along', () => {
  const names = readdirSync(join(ROOT, 'examples')).map((file) => file.replace('.json', ''))
  expect(names.length).toBeGreaterThanOrEqual(4)
  for (const name of names) expect(readme).toContain(`\`${name}\``)
})
