import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { listFiles } from './list-files.ts'

/** Cloud assemblies that are kept, for going back and forth between two states of the sources. */
const KEPT = 5

type Context = Record<string, unknown>

export interface SynthesizeOptions {
  /** The command that runs the CDK app, as `app` of cdk.json; that of the directory's cdk.json when left out. */
  app?: string
  /** Where the app runs; the process's own folder when left out. */
  directory?: string
  /** Where the cloud assemblies are kept; `.local/synth` in the directory when left out. */
  cache?: string
  /** Files and folders that the template is made from; all of the directory but what is installed or made when left out. */
  sources?: string[]
  /** CDK context on top of cdk.json's. */
  context?: Record<string, string>
}

/** Gives the folder of the CDK app's cloud assembly, and synthesizes only when its sources have changed. */
export async function synthesize(options: SynthesizeOptions): Promise<string> {
  // The app runs in the directory, so no path that it is given may be one from here.
  const directory = resolve(options.directory ?? '.')
  const { cache = '.local/synth', sources = ['.'] } = options
  const cdkJson = readJson<{ app?: string; context?: Context }>(join(directory, 'cdk.json'))
  const app = options.app ?? cdkJson?.app
  if (!app) {
    const missing = `${directory} has no cdk.json with an \`app\``
    throw new Error(`there is no CDK app to run: ${missing}. Name it by --app, or what cdk synth wrote by --assembly`)
  }
  // As for the CDK CLI, an app may be the folder that it wrote before.
  if (existsSync(resolve(directory, app, 'manifest.json'))) return resolve(directory, app)
  const lookups = readJson<Context>(join(directory, 'cdk.context.json'))
  return synthesizeApp({
    app,
    directory,
    cache: resolve(directory, cache),
    sources,
    context: { ...lookups, ...cdkJson?.context, ...options.context },
  })
}

async function synthesizeApp(
  options: Required<Omit<SynthesizeOptions, 'context'>> & { context: Context },
): Promise<string> {
  const { app, cache, context, directory, sources } = options
  const folder = join(cache, fingerprint(directory, sources, { app, context }))
  if (existsSync(join(folder, 'manifest.json'))) return folder
  const unfinished = `${folder}.${process.pid}`
  await runApp(app, directory, unfinished, context)
  // Another process may have been faster with the same sources; its assembly is as good as ours.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true })
  else renameSync(unfinished, folder)
  prune(cache)
  return folder
}

/** A file of the CDK CLI, which an app need not have. */
function readJson<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`${file} must be JSON: ${(cause as Error).message}`, { cause })
  }
}

function fingerprint(directory: string, sources: string[], run: object): string {
  const hash = createHash('sha256').update(JSON.stringify(run))
  for (const file of sources.flatMap((source) => listFiles(directory, source)).sort()) {
    hash.update(file).update(readFileSync(resolve(directory, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Runs the app as the CDK CLI does: in a shell, with context and output folder in the environment. */
async function runApp(app: string, directory: string, output: string, context: Context): Promise<void> {
  mkdirSync(output, { recursive: true })
  const env = {
    ...process.env,
    CDK_OUTDIR: output,
    // The template is the same without CDK's own check of it, which takes most of the time; `cdk synth` keeps it.
    CDK_VALIDATION: 'false',
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'aws:cdk:disable-asset-staging': false }),
  }
  const child = spawn(app, { cwd: directory, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk
    })
  }
  const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done))
  if (code === 0 && existsSync(join(output, 'manifest.json'))) return
  rmSync(output, { recursive: true, force: true })
  const what = code === 0 ? 'wrote no cloud assembly' : `ended with ${code}`
  throw new Error(
    `the CDK app could not be synthesized: ${lastWords(said)} (\`${app}\` in ${directory} ${what}; DEBUG=1 shows all of it)`,
    { cause: new Error(`it said:\n${said}`) },
  )
}

/** Of all that a program printed, the line that says what was wrong. */
function lastWords(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() && !/^\s+at |^Node\.js v/.test(line))
  const error =
    lines.find((line) => /^(Uncaught )?\w*(Error|Exception)\b.*: /.test(line)) ??
    lines.find((line) => /error/i.test(line))
  return (error ?? lines.at(-1) ?? 'it said nothing').trim()
}

function prune(cache: string) {
  const folders = readdirSync(cache)
    .filter((name) => !name.includes('.'))
    .map((name) => ({ path: join(cache, name), at: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of folders.slice(KEPT)) rmSync(path, { recursive: true, force: true })
}
