import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { AttributeValue } from 'aws-lambda'
import { cacheParsedExpressions, type ExpressionParser } from './expression-cache.ts'

/** An item as it goes over the wire: binary values are base64 text. */
export type Item = Record<string, AttributeValue>
export type Input = Record<string, unknown>
export type Output = Record<string, unknown>

/** The part of a table's description that dynalite's actions read. */
export interface TableSchema {
  TableName: string
  KeySchema: KeyElement[]
  AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[]
  GlobalSecondaryIndexes?: IndexSchema[]
  LocalSecondaryIndexes?: IndexSchema[]
}
export interface KeyElement {
  AttributeName: string
  KeyType: 'HASH' | 'RANGE'
}
export interface IndexSchema {
  IndexName: string
  KeySchema: KeyElement[]
  Projection: { ProjectionType: string; NonKeyAttributes?: string[] }
}

/** What dynalite throws or passes on: an AWS error that is ready for the wire. */
export interface DynaliteError extends Error {
  statusCode?: number
  body?: { __type: string; message?: string; Message?: string }
}

export type Callback<T = unknown> = (error?: DynaliteError | null, value?: T) => void
export interface Range {
  gt?: string
  gte?: string
  lt?: string
  lte?: string
  reverse?: boolean
  limit?: number
}

/** What dynalite's actions ask of one table's items or one index's entries. */
export interface EntryStore {
  get(key: string, callback: Callback<Item>): void
  put(key: string, item: Item, callback: Callback): void
  del(key: string, callback: Callback): void
  lock(key: string, run: (release: (callback: Callback) => Callback) => void): void
  createValueStream(range: Range): EventEmitter
}

/** What dynalite's actions ask of the whole database. */
export interface ItemStore {
  options: { maxItemSize: number }
  getTable(name: string, checkStatus: boolean | Callback<TableSchema>, callback?: Callback<TableSchema>): void
  getItemDb(table: string): EntryStore
  getIndexDb(kind: string, table: string, index: string): EntryStore
}

export type Action = (store: ItemStore, input: Input, callback: Callback<Output>) => void
/** Members and their constraints, in dynalite's notation. */
export type InputTypes = Record<string, unknown>
export interface Validation {
  types: InputTypes
  custom?: (input: Input, store: { options: { maxItemSize: number } }) => string | undefined
}

interface Validations {
  checkTypes(input: Input, types: InputTypes): Input
  checkValidations(input: Input, types: InputTypes, custom: Validation['custom'], store: unknown): void
}

interface Database {
  createKey(item: Item, table: TableSchema): string
  validateKey(key: Item, table: TableSchema): DynaliteError | undefined
  checkConditional(input: Input, existing?: Item): DynaliteError | null | undefined
  updateIndexes(store: ItemStore, table: TableSchema, old: Item | undefined, item: Item, callback: Callback): void
  validationError(message: string): DynaliteError
}

const require = createRequire(import.meta.url)
const validations = require('dynalite/validations') as Validations

export const database = require('dynalite/db') as Database
export const action = (name: string): Action => require(`dynalite/actions/${name}`)
export const validation = (name: string): Validation => require(`dynalite/validations/${name}`)
/** LevelDB as dynalite ships it: one copy of the native code, and no second version to keep in step. */
export const { Level } = createRequire(require.resolve('dynalite'))('level') as { Level: typeof LevelDb }

cacheParsedExpressions(require('dynalite/db/updateParser') as ExpressionParser)
cacheParsedExpressions(require('dynalite/db/conditionParser') as ExpressionParser)
cacheParsedExpressions(require('dynalite/db/projectionParser') as ExpressionParser)

/** Checks `input` as DynamoDB does and returns its own copy, which later changes to `input` do not reach. */
export function validate(input: Input, { types, custom }: Validation): Input {
  const checked = validations.checkTypes({ ...input }, types)
  validations.checkValidations(checked, types, custom, { options: { maxItemSize } })
  return checked
}

export const maxItemSize = 400 * 1024

declare class LevelDb {
  constructor(path: string, options: { valueEncoding: 'utf8' })
  open(): Promise<void>
  close(): Promise<void>
  iterator(): AsyncIterable<[string, string]>
  batch(operations: DiskWrite[]): Promise<void>
}
export type DiskWrite = { type: 'put'; key: string; value: string } | { type: 'del'; key: string }
