// Only what AppSync runs is linted here: its JavaScript subset has rules of its own. Biome covers the rest.
import appsync from '@aws-appsync/eslint-plugin'

export default [
  {
    ...appsync.configs.recommended,
    files: ['graphql/**/*.ts'],
    // Runs in Node when the stack is synthesized, not in AppSync.
    ignores: ['graphql/input-rules.ts'],
    languageOptions: {
      ...appsync.configs.recommended.languageOptions,
      parserOptions: { project: 'graphql/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
  },
]
