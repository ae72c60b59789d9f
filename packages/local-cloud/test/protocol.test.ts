import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import * as cognito from '../src/cognito/operations.ts'
import { operations as dynamodb } from '../src/dynamodb/operations/index.ts'
import * as lambda from '../src/lambda/operations.ts'
import * as s3 from '../src/s3/operations.ts'
import * as scheduler from '../src/scheduler/operations.ts'

const FILE = join(import.meta.dirname, '../PROTOCOL.md')
const text = readFileSync(FILE, 'utf8')

/** The names in backticks of a section's rows that speak of operations. */
function listed(section: string): string[] {
  const [, after = ''] = text.split(`## ${section}\n`)
  const rows = (after.split('\n## ')[0] ?? '').split('\n')
  const told = rows.filter((row) => /^\| (operations|items|transactions|tables|streams) \|/.test(row)).join('\n')
  return [...told.matchAll(/`([A-Z]\w+)`/g)].map(([, name = '']) => name).sort()
}

const named = (operations: object) =>
  Object.keys(operations)
    .map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`)
    .sort()

test.each([
  ['DynamoDB and DynamoDB Streams', dynamodb],
  ['Lambda', lambda],
  ['S3', s3],
  ['Cognito user pools', cognito],
  ['EventBridge Scheduler', scheduler],
])('PROTOCOL.md lists the operations of %s, all of them and no other', (section, operations) => {
  expect(listed(section)).toEqual(named(operations))
})

test('PROTOCOL.md links to what is there', () => {
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(join(dirname(FILE), link)))).toEqual([])
})
