import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed packages, by the names they are installed under. */
    tarballs: Record<string, string>
  }
}

const PACKAGES = ['agent-jobs', '@agent-jobs/client', '@agent-jobs/local-cloud']

/** Builds and packs every package once, as a release does. */
export default function setup({ provide }: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-packed-'))
  const npm = (...args: string[]) => execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  npm('run', 'build')
  npm('pack', '--pack-destination', folder)
  npm('pack', '--workspace', 'packages/client', '--workspace', 'packages/local-cloud', '--pack-destination', folder)
  const files = readdirSync(folder)
  const tarball = (name: string) => {
    const start = `${name.replace('@', '').replace('/', '-')}-`
    const file = files.find((each) => each.startsWith(start) && /^\d/.test(each.slice(start.length)))
    if (!file) throw new Error(`npm pack made no ${start}*.tgz, only ${files.join(', ')}`)
    return join(folder, file)
  }
  provide('tarballs', Object.fromEntries(PACKAGES.map((name) => [name, tarball(name)])))
  return () => rmSync(folder, { recursive: true })
}
