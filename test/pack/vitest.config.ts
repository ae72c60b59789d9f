import { defineConfig } from 'vitest/config'

// npm run test:pack: what is published, installed elsewhere. Each file waits for installs, so one after the other.
export default defineConfig({
  test: {
    include: ['test/pack/*.test.ts'],
    globalSetup: 'test/pack/pack-once.ts',
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
})
