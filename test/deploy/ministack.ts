import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { poll } from './poll.ts'

export interface MiniStack {
  url: string
  /** The certificate it made for itself, which clients must be told to trust. */
  ca: string
  log: string
  stop(): Promise<void>
}

/** MiniStack lets these in as the account's root; the roles of a stack get credentials of their own, which it checks. */
export const ROOT_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }

/**
 * Starts MiniStack on a free port, with permissions and signatures enforced. With TLS, since queues and bucket refuse
 * whoever comes without. Functions are processes on this machine.
 */
export async function startMiniStack(command: string, folder: string, region: string): Promise<MiniStack> {
  if (spawnSync('openssl', ['version']).error) {
    throw new Error('openssl must be on the PATH: MiniStack makes its certificate by it (apt-get install openssl)')
  }
  const port = await freePort()
  // Not below this project, whose package.json would make ES modules of MiniStack's own scripts.
  const state = mkdtempSync(join(tmpdir(), 'ministack-'))
  const log = join(folder, 'ministack.log')
  const output = openSync(log, 'w')
  const child = spawn(command, {
    cwd: state,
    env: {
      PATH: process.env.PATH,
      HOME: state,
      // Its certificate, the functions' code and whatever else it writes.
      TMPDIR: state,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      MINISTACK_REGION: region,
      AUTH: 'true',
      USE_SSL: '1',
      LAMBDA_EXECUTOR: 'local',
      ...ROOT_CREDENTIALS,
    },
    stdio: ['ignore', output, output],
    // A group of its own: its functions go with it, and a Ctrl-C on the terminal does not reach it before the end is told.
    detached: true,
  })
  closeSync(output)
  const stop = async () => {
    await end(child)
    rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  try {
    const ca = join(state, 'ministack-tls/server.crt')
    await poll('MiniStack to listen', 60, async () => {
      if (child.exitCode !== null) throw new Error(`MiniStack ended with ${child.exitCode} as it started`)
      return /Running on http/.test(readFileSync(log, 'utf8'))
    })
    return { url: `https://127.0.0.1:${port}`, ca, log, stop }
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message}:\n${tail(log)}`, { cause: error })
  }
}

/** The end of a log, for whoever must find out why. */
export function tail(log: string, lines = 40): string {
  const all = readFileSync(log, 'utf8').trimEnd().split('\n')
  return all
    .map((line) => line.slice(0, 400))
    .slice(-lines)
    .join('\n')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGTERM')
  const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), 5_000)
  await ended
  clearTimeout(timer)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
