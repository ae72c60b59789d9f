import { extname, join } from 'node:path'
import type { BuildOptions } from 'esbuild'

/** `.ts` in the repository, `.js` in what is published: what is bundled has the extension of what bundles it. */
export const EXTENSION = extname(import.meta.filename)

/** The one copy of what agents are written with: the worker tells failures by their class. */
const SDK = join(import.meta.dirname, `../sdk/index${EXTENSION}`)

/**
 * What a CommonJS package takes for granted, and an ES module has not: most server packages of npm are such (`pg`, `ws`).
 * `var`, so that a module with a `require` of its own may have it; the imports have names that nobody else takes.
 */
const COMMONJS = [
  `import { createRequire as __agentJobsCreateRequire } from 'node:module'`,
  `import { fileURLToPath as __agentJobsFileURLToPath } from 'node:url'`,
  'var require = __agentJobsCreateRequire(import.meta.url)',
  'var __filename = __agentJobsFileURLToPath(import.meta.url)',
  `var __dirname = __agentJobsFileURLToPath(new URL('.', import.meta.url))`,
].join(';')

/** How agents, and what runs them, become one ES module that needs nothing but Node. */
export function bundleOptions(agentsPath: string) {
  return {
    bundle: true,
    write: false,
    platform: 'node',
    // Lambda runs Node 24; a laptop, on which the same bundle runs, may have Node 20.
    target: 'node20',
    format: 'esm',
    banner: { js: COMMONJS },
    // Class names are error names, and those reach logs and job rows.
    keepNames: true,
    // The ES modules of a package, where it has them: only those can be tree-shaken.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    alias: { '#agents': agentsPath, 'agent-jobs': SDK },
    legalComments: 'none',
    logLevel: 'silent',
  } satisfies BuildOptions
}
