// npm run build: makes dist/ of the package and of those under packages/, as they are published. Nothing in the repository
// itself needs it: there, the condition `source` of each package's exports leads to the TypeScript.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

interface Manifest {
  exports: Record<string, string | { source: string; require?: { default: string } }>
  peerDependencies?: Record<string, string>
}

/** Doors that load what a user has beside the package, and say in one line what is missing. */
const DOORS_WITH_PEERS = ['./cdk', './local']

for (const folder of ['packages/local-cloud', 'packages/client', '.']) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  compile(join(folder, 'tsconfig.build.json'))
  if (folder === '.') buildProduct()
  addCommonJs(folder)
}

function compile(project: string): void {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--project', project], { stdio: 'inherit' })
}

/** What of the root is no TypeScript, or not TypeScript for Node. */
function buildProduct(): void {
  compile('graphql/tsconfig.build.json')
  for (const file of [...globSync('graphql/*.{graphql,json}'), ...globSync('examples/*.json'), 'local/open-door.cjs']) {
    if (!file.includes('tsconfig')) cpSync(file, join('dist', file))
  }
}

/**
 * Doors for `require`, with types that say so: TypeScript takes the declarations under dist/cjs for CommonJS, by the
 * package.json there. What runs is the one ES module, which every Node from 20.19 on can require; a second, compiled copy
 * would have classes of its own, and a failure of one would be none to the other.
 */
function addCommonJs(folder: string): void {
  const { exports, peerDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const dist = join(folder, 'dist')
  for (const file of globSync('**/*.d.ts', { cwd: dist })) cpSync(join(dist, file), join(dist, 'cjs', file))
  writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n')
  for (const [door, targets] of Object.entries(exports)) {
    if (typeof targets === 'string' || !targets.require) continue
    const file = join(folder, targets.require.default)
    const module = file.replace('/cjs/', '/')
    const load = `require(${JSON.stringify(from(file, module))})`
    if (!DOORS_WITH_PEERS.includes(door)) {
      write(file, `module.exports = ${load}\n`)
      continue
    }
    const opened = (at: string) =>
      `openDoor(${JSON.stringify(`agent-jobs/${door.slice(2)}`)}, ${JSON.stringify(Object.keys(peerDependencies))}, () => require(${JSON.stringify(from(at, module))}))`
    write(
      file,
      `const { openDoor } = require(${JSON.stringify(from(file, 'dist/local/open-door.cjs'))})\nmodule.exports = ${opened(file)}\n`,
    )
    const esm = join(dist, 'doors', `${door.slice(2)}.js`)
    const names = exportedNames(targets.source)
    write(
      esm,
      `import { createRequire } from 'node:module'
import { openDoor } from ${JSON.stringify(from(esm, 'dist/local/open-door.cjs'))}

const require = createRequire(import.meta.url)
export const { ${names.join(', ')} } = ${opened(esm)}
`,
    )
  }
}

/** What a door exports beside types: each is written as `export { a, type B } from …`, and nothing else. */
function exportedNames(source: string): string[] {
  const blocks = [...readFileSync(source, 'utf8').matchAll(/^export \{([^}]*)\}/gm)]
  return blocks
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name && !name.startsWith('type '))
}

function from(file: string, target: string): string {
  const path = relative(dirname(file), target)
  return path.startsWith('.') ? path : `./${path}`
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
