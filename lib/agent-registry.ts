import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import { type BuildFailure, buildSync } from 'esbuild'
import type { ModelSettings } from '../sdk/model-families.ts'
import { bundleOptions } from './bundle-options.ts'
import type { JsonSchema } from './input-rules.ts'

/** The agents a stack is built with: where the worker's bundle finds them, and what the API must know of each. */
export interface AgentRegistry {
  readonly path: string
  /** The input schema of each agent as JSON Schema, by `queryType`. */
  readonly inputSchemas: Record<string, JsonSchema>
  /** What each agent that is a prompt asks of its model. */
  readonly modelSettings: Record<string, ModelSettings>
}

type Described = Omit<AgentRegistry, 'path'>

const PACKAGE = join(import.meta.dirname, '..')
/** By the text of the bundle: one process may build many stacks of the same agents. */
const known = new Map<string, Described>()

/**
 * Reads the module that exports `agents`: bundled as the worker gets it, and run in a process of its own. So it may be
 * TypeScript, an ES module or CommonJS, whatever runs the CDK app, and what it does as it loads does not reach the app.
 */
export function loadAgents(agents: string): AgentRegistry {
  const path = resolve(agents)
  if (!existsSync(path)) {
    throw new Error(
      `agents must be the path of a module that exports \`agents\`, from ${process.cwd()}; there is no ${agents}`,
    )
  }
  checkCopy(agents, path)
  const javascript = bundle(agents, path)
  const key = createHash('sha256').update(javascript).digest('hex')
  const described = known.get(key) ?? describe(agents, javascript)
  known.set(key, described)
  return { path, ...described }
}

/** The agents must be written with this very package: with another copy, a failure would be no failure to the worker. */
function checkCopy(agents: string, path: string): void {
  let found: string
  try {
    found = dirname(realpathSync(createRequire(path).resolve('agent-jobs/package.json')))
  } catch (cause) {
    throw new Error(
      `agents must name a file that finds the package agent-jobs, and ${agents} does not, as it stands outside of the ` +
        `project that has it (${packageRoot()}): move it into the project, or install agent-jobs where it is`,
      { cause },
    )
  }
  const own = packageRoot()
  if (found === own) return
  throw new Error(
    `agents must be written with the agent-jobs that deploys them, but there are two: ${agents} finds ${found}, the CDK app ` +
      `${own}. Let one version serve both (npm ls agent-jobs shows who asks for which; npm dedupe mends it)`,
  )
}

/** The folder of this package's package.json: from the sources it is one up, from dist/ two. */
function packageRoot(): string {
  const root = existsSync(join(PACKAGE, 'package.json')) ? PACKAGE : dirname(PACKAGE)
  return realpathSync(root)
}

function bundle(agents: string, path: string): string {
  const describer = join(import.meta.dirname, `describe-agents${extname(import.meta.filename)}`)
  try {
    const { outputFiles } = buildSync({
      ...bundleOptions(path),
      target: `node${process.versions.node}`,
      stdin: {
        contents: `import * as registry from ${JSON.stringify(path)}
          import { describeAgents } from ${JSON.stringify(describer)}
          describeAgents(registry)`,
        resolveDir: dirname(path),
      },
    })
    return outputFiles[0]?.text ?? ''
  } catch (cause) {
    throw new Error(`${agents} cannot be bundled: ${firstError(cause as BuildFailure)}`, { cause })
  }
}

function describe(agents: string, javascript: string): Described {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-'))
  try {
    const file = join(folder, 'agents.mjs')
    writeFileSync(file, javascript)
    // What the agents print as they load goes to standard error; the answer has a channel of its own.
    const run = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      stdio: ['ignore', 2, 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
      maxBuffer: 64 * 1024 * 1024,
    })
    if (run.error) throw run.error
    const answer = run.output[3]
    if (run.status !== 0 || !answer) throw new Error(`${agents} cannot be loaded: ${lastError(run.stderr)}`)
    const { fault, ...described } = JSON.parse(answer) as Described & { fault?: string }
    if (fault) throw new Error(`${agents} ${fault}`)
    return described
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function firstError({ errors, message }: BuildFailure): string {
  const [first] = errors ?? []
  if (!first) return message
  const { file, line } = first.location ?? {}
  return file ? `${first.text} (${file}:${line})` : first.text
}

/** Of what Node prints about an error that nobody caught: its name and message. */
function lastError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim())
  return lines.find((line) => /^\w*Error\b.*:/.test(line)) ?? lines.at(-1) ?? 'its process ended without a word'
}
