import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  optionalDependencies?: Record<string, string>
  resolved?: string
  link?: boolean
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }

test('the lock file has what each platform needs, so that npm ci takes it on all of them', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !found(path, name))
      .map((name) => `${path || 'package.json'} needs ${name}`),
  )
  expect(missing).toEqual([])
  expect(Object.keys(packages).filter((path) => path.includes('@biomejs/cli-')).length).toBeGreaterThan(6)
})

test('the lock file names no registry of the machine that wrote it', () => {
  const elsewhere = Object.values(packages).filter(({ link, resolved }) => resolved && !link)
  expect(elsewhere.map(({ resolved }) => resolved)).toEqual([])
})

/** Where Node would find it: in the node_modules of the package, or of a folder above. */
function found(path: string, name: string): boolean {
  const parts = path.split('/')
  const folders = parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)
  return ['', ...folders].some((folder) => `${folder}node_modules/${name}` in packages)
}
