import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const OLDEST = [3, 10] as const

/** Where a tool of requirements.txt is, in a virtual environment that is made when it is not there or not of these versions. */
export type PythonTool = (name: 'ministack' | 'cfn-lint') => string

export function installPythonTools(folder: string): PythonTool {
  const environment = join(folder, 'python')
  const stamp = join(environment, 'installed')
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    const python = findPython()
    rmSync(environment, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    run(python, ['-m', 'venv', environment], 'Debian and Ubuntu have it in a package: apt-get install python3-venv')
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS]
    run(join(environment, 'bin/python'), install, 'It asks PyPI, or the index of your pip.conf')
    writeFileSync(stamp, wanted)
  }
  return (name) => join(environment, 'bin', name)
}

function findPython(): string {
  for (const python of ['python3', 'python']) {
    const { status, stdout } = spawnSync(python, ['-c', 'import sys; print(*sys.version_info[:2])'], {
      encoding: 'utf8',
    })
    const [major = 0, minor = 0] = status === 0 ? stdout.split(' ').map(Number) : []
    if (major === OLDEST[0] && minor >= OLDEST[1]) return python
  }
  throw new Error(
    `Python ${OLDEST.join('.')} or newer must be on the PATH as python3: MiniStack and cfn-lint are written in it. ` +
      'Without it, --endpoint names an emulator that runs already',
  )
}

function run(command: string, args: string[], wayOut: string): void {
  try {
    execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    const { stderr, stdout, message } = cause as { stderr?: string; stdout?: string; message: string }
    const said = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-5).join('\n') || message
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} … failed. ${wayOut}.\n${said}`, { cause })
  }
}
