import { configDefaults, defineConfig } from 'vitest/config'

// The packages of this repository are run from their sources; nothing is built before a test.
const conditions = ['source', 'node', 'development|production']

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: ['source', 'node', 'module-sync'] } },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    // npm run test:pack has a configuration of its own.
    exclude: [...configDefaults.exclude, 'test/pack/**'],
    globalSetup: 'test/synthesize-once.ts',
    execArgv: ['--conditions=source'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
