import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Cloud assemblies that are kept, for going back and forth between two states of the sources. */
const KEPT = 5

export interface SynthesizeOptions {
  /** The folder of the CDK app. */
  project: string
  /** Where the cloud assemblies are kept. */
  cache: string
  /** Files that the template is made from, as glob patterns from `project`: when none has changed, neither has the template. */
  sources: string[]
  /** CDK context on top of cdk.json's, such as `agents`. */
  context?: Record<string, string>
}

/** Gives the folder of the CDK app's cloud assembly, and synthesizes only when its sources have changed. */
export async function synthesize({ project, cache, sources, context = {} }: SynthesizeOptions): Promise<string> {
  const folder = join(cache, fingerprint(project, sources, context))
  if (existsSync(join(folder, 'manifest.json'))) return folder
  const unfinished = `${folder}.${process.pid}`
  await runApp(project, unfinished, context)
  // Another process may have been faster with the same sources; its assembly is as good as ours.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true })
  else renameSync(unfinished, folder)
  prune(cache)
  return folder
}

function fingerprint(project: string, sources: string[], context: Record<string, string>): string {
  const hash = createHash('sha256').update(JSON.stringify(context))
  const files = sources.flatMap((pattern) => globSync(pattern, { cwd: project })).sort()
  for (const file of files) hash.update(file).update(readFileSync(join(project, file)))
  return hash.digest('hex').slice(0, 16)
}

/** Runs the app as the CDK CLI does, which hands over context and output folder in the environment. */
function runApp(project: string, output: string, context: Record<string, string>): Promise<void> {
  mkdirSync(output, { recursive: true })
  const { app, context: given } = JSON.parse(readFileSync(join(project, 'cdk.json'), 'utf8')) as {
    app: string
    context?: Record<string, unknown>
  }
  const [command, ...args] = app.split(' ')
  const env = {
    ...process.env,
    CDK_OUTDIR: output,
    // The template is the same without CDK's own check of it, which takes most of the time; `cdk synth` and the tests keep it.
    CDK_VALIDATION: 'false',
    CDK_CONTEXT_JSON: JSON.stringify({ ...given, ...context, 'aws:cdk:disable-asset-staging': false }),
  }
  return new Promise((resolve, reject) => {
    const executable = command === 'node' ? process.execPath : (command as string)
    const child = spawn(executable, args, { cwd: project, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) return resolve()
      rmSync(output, { recursive: true, force: true })
      reject(new Error(`the CDK app failed (${relative(process.cwd(), project) || '.'}: ${app}):\n${errors}`))
    })
  })
}

function prune(cache: string) {
  const folders = readdirSync(cache)
    .filter((name) => !name.includes('.'))
    .map((name) => ({ path: join(cache, name), at: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of folders.slice(KEPT)) rmSync(path, { recursive: true, force: true })
}
