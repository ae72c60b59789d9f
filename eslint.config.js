// Only what AppSync runs is linted here: its JavaScript subset has rules of its own. Biome covers the rest.
import appsync from '@aws-appsync/eslint-plugin'

export default [
  {
    ...appsync.configs.recommended,
    files: ['graphql/**/*.ts', 'engine/job/due.ts', 'sdk/limits.ts'],
    // The generator runs on Node.
    ignores: ['graphql/generate.ts', 'graphql/generate/**'],
    languageOptions: {
      ...appsync.configs.recommended.languageOptions,
      parserOptions: { project: 'graphql/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
  },
]
