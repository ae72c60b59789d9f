import appsync from '@aws-appsync/eslint-plugin'
import { ESLint, type Linter } from 'eslint'
import { expect, test } from 'vitest'
import { codeOf, files } from './bundled-resolver.ts'

test.each(files)('%s is code that AppSync runs', async (file) => {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: [appsync.configs?.base as Linter.Config],
  })
  const [report] = await eslint.lintText(codeOf(file), { filePath: file.replace('.ts', '.js') })
  expect(report?.messages.map(({ line, message }) => `${line}: ${message}`)).toEqual([])
})
