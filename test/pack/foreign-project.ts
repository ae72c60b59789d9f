import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

/** A project of somebody else: a folder far from this repository, with what npm installed into it. */
export class ForeignProject implements Disposable {
  /** Named after what it is: `cdk init` names its files after the folder. */
  readonly folder: string

  constructor(name = 'foreign-app') {
    this.folder = join(mkdtempSync(join(tmpdir(), 'agent-jobs-pack-')), name)
    mkdirSync(this.folder)
  }

  write(files: Record<string, string | object>): void {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true })
      writeFileSync(join(this.folder, file), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    }
  }

  /** Installs the packed packages of this name, and whatever else is named as npm takes it. */
  async install(ours: string[], ...others: string[]): Promise<void> {
    const tarballs = inject('tarballs')
    const specs = ours.map((name) => `${name}@file:${tarballs[name]}`)
    await this.run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...specs, ...others)
  }

  /** Runs a command in the folder; what it printed, and a failure with all of it. */
  async run(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.try(command, ...args)
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
    return stdout
  }

  /** The same where a failure is what is looked for. */
  async try(command: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const options = { cwd: this.folder, env: ENVIRONMENT, maxBuffer: 64 * 1024 * 1024 }
    try {
      return { code: 0, ...(await promisify(execFile)(command, args, options)) }
    } catch (error) {
      const { code = 1, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string }
      return { code, stdout, stderr }
    }
  }

  /** Another project with the same node_modules, for what differs in files only. */
  sibling(): ForeignProject {
    const other = new ForeignProject()
    cpSync(this.folder, other.folder, {
      recursive: true,
      filter: (path) => !path.startsWith(join(this.folder, 'node_modules')),
    })
    symlinkSync(join(this.folder, 'node_modules'), join(other.folder, 'node_modules'))
    return other
  }

  [Symbol.dispose](): void {
    rmSync(dirname(this.folder), { recursive: true, force: true })
  }
}

// No options of this repository's own test run may reach the foreign one.
const { NODE_OPTIONS: _options, NODE_ENV: _environment, VITEST: _vitest, ...rest } = process.env
const ENVIRONMENT = {
  ...rest,
  NO_COLOR: '1',
  CI: 'true',
  npm_config_update_notifier: 'false',
  NEXT_TELEMETRY_DISABLED: '1',
}
