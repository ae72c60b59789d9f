import appsync from '@aws-appsync/eslint-plugin'
import { ESLint, type Linter } from 'eslint'
import { expect, test } from 'vitest'
import { codeOf, files } from './bundled-resolver.ts'

// The methods that AWS documents for APPSYNC_JS. Array.isArray, includes and Number() are among those it lacks, and the
// linter lets them pass.
const DOCUMENTED = `Object.assign Object.entries Object.hasOwn Object.keys Object.values
  charAt concat endsWith indexOf lastIndexOf replace replaceAll slice split startsWith toLowerCase toUpperCase trim
  trimEnd trimStart fill flat join pop push reverse shift sort splice unshift forEach map flatMap filter reduce
  reduceRight find some every findIndex findLast findLastIndex
  Math.random Math.min Math.max Math.round Math.floor Math.ceil JSON.parse JSON.stringify`.split(/\s+/)

test.each(files)('%s calls only what AppSync documents', (file) => {
  const code = codeOf(file).replaceAll(/\/\/.*$/gm, '')
  const methods = [...code.matchAll(/(\w*)\??\.(\w+)\(/g)].map(([, owner, name]) => {
    return /^(Object|Array|String|Number|Date|Math|JSON)$/.test(owner as string) ? `${owner}.${name}` : (name as string)
  })
  const utilities = [...code.matchAll(/\b(?:util|extensions|runtime)\d*((?:\.\w+)+)\(/g)].map(([, path]) =>
    path?.split('.').at(-1),
  )
  expect(methods.filter((name) => !DOCUMENTED.includes(name) && !utilities.includes(name))).toEqual([])
  expect(code).not.toMatch(/\b(?:Number|String|Boolean|parseInt|parseFloat|Date|Symbol|Map|Set)\(/)
})

test.each(files)('%s is code that AppSync runs', async (file) => {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: [appsync.configs?.base as Linter.Config],
  })
  const [report] = await eslint.lintText(codeOf(file), { filePath: file.replace('.ts', '.js') })
  expect(report?.messages.map(({ line, message }) => `${line}: ${message}`)).toEqual([])
})
