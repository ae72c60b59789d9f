import type { DynamoDbCalls } from '../../api.ts'
import { badRequest, type DataSource } from '../data-source.ts'
import { batchGetItem } from './batch-get-item.ts'
import { batchDeleteItem, batchPutItem } from './batch-write-item.ts'
import { deleteItem } from './delete-item.ts'
import { failingAsDataSource } from './dynamodb-failure.ts'
import { getItem } from './get-item.ts'
import { createNextTokens, type NextTokens } from './next-token.ts'
import type { Request, TableOperation } from './operation.ts'
import { putItem } from './put-item.ts'
import { query } from './query.ts'
import { scan } from './scan.ts'
import { transactGetItems } from './transact-get-items.ts'
import { transactWriteItems } from './transact-write-items.ts'
import { updateItem } from './update-item.ts'

const OPERATIONS: Record<string, TableOperation> = {
  GetItem: getItem,
  PutItem: putItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
  Query: query,
  Scan: scan,
  BatchGetItem: batchGetItem,
  BatchPutItem: batchPutItem,
  BatchDeleteItem: batchDeleteItem,
  TransactGetItems: transactGetItems,
  TransactWriteItems: transactWriteItems,
}

/** The AMAZON_DYNAMODB data source: request objects become calls, and what they answer becomes plain JSON. */
export function createDynamoDbDataSource(dynamodb: DynamoDbCalls, tableName: string, apiId: string): DataSource {
  const call = failingAsDataSource(dynamodb)
  const tokensOf = new Map<string, NextTokens>()
  return (request, { info }) => {
    const { operation } = (request ?? {}) as { operation?: string }
    const run = OPERATIONS[String(operation)]
    if (!run) {
      const known = Object.keys(OPERATIONS).join(', ')
      throw badRequest(`operation of a DynamoDB request must be one of ${known}, got ${operation}`)
    }
    const field = `${info.parentTypeName}.${info.fieldName}`
    const tokens = tokensOf.get(field) ?? createNextTokens(apiId, field)
    tokensOf.set(field, tokens)
    return run({ tableName, call, tokens }, request as Request)
  }
}
