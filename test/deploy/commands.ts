import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')
const CDK = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk')
const TEN_MINUTES = 600_000

export type Run = (what: string, args: string[]) => Promise<string>

/** Runs programs of Node in the project's folder; what one prints is its answer, and what it printed the reason of a failure. */
export function createRun(env: NodeJS.ProcessEnv, signal: AbortSignal): Run {
  return (what, args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, {
        cwd: PROJECT,
        env: { ...env, NO_COLOR: '1', CI: 'true' },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: TEN_MINUTES,
        signal,
      })
      let output = ''
      const hear = (chunk: Buffer) => {
        output += chunk
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('error', reject)
      child.once('close', (code, killedBy) => {
        if (code === 0) resolve(output)
        else
          reject(
            new Error(`${what} ended with ${code ?? killedBy}:\n${output.trim().split('\n').slice(-40).join('\n')}`),
          )
      })
    })
}

/** One command of this product, as a user has it by `npx agent-jobs`. */
export function agentJobs(run: Run, command: string, ...args: string[]): Promise<string> {
  return run(`agent-jobs ${command}`, ['--conditions=source', join(PROJECT, 'cli/agent-jobs.ts'), command, ...args])
}

export interface CdkApp {
  stack: string
  /** Which app: the proof's own, or the product's. */
  file: string
  /** Where cdk puts what it synthesizes. */
  output: string
  /** The same in each deploy. */
  context: Record<string, string | undefined>
}

/** The CDK's own CLI, with its own words on a failure. */
export function createCdk(run: Run, app: CdkApp) {
  return (command: 'synth' | 'bootstrap' | 'deploy' | 'destroy', args: string[], context: CdkApp['context'] = {}) => {
    const all = Object.entries({ ...app.context, ...context, stack: app.stack })
    const given = all.flatMap(([name, value]) => (value === undefined ? [] : ['--context', `${name}=${value}`]))
    const file = `"${process.execPath}" --conditions=source ${app.file}`
    const common = ['--app', file, '--output', app.output, '--no-notices', '--no-version-reporting']
    return run(`cdk ${command}`, [CDK, command, ...args, ...common, ...given])
  }
}
export type Cdk = ReturnType<typeof createCdk>
