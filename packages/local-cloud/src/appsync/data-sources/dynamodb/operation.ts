import type { NextTokens } from './next-token.ts'

/** What an operation of the data source works with. */
export interface Table {
  tableName: string
  call(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>>
  tokens: NextTokens
}

/** The request object of a resolver. */
export type Request = Record<string, unknown>

export type TableOperation = (table: Table, request: Request) => Promise<unknown>
