import type { AppSyncApi, DataSourceDefinition } from '../api.ts'
import type { DataSource } from './data-source.ts'
import { createDynamoDbDataSource } from './dynamodb/index.ts'
import { createHttpDataSource } from './http-endpoint.ts'
import { createLambdaDataSource } from './lambda-function.ts'

/** The NONE data source: the payload is the result. */
const none: DataSource = (request) => (request as { payload?: unknown } | null | undefined)?.payload ?? null

function required<T>(value: T | undefined, { name, type }: DataSourceDefinition, setting: string): T {
  if (!value) throw new Error(`data source ${name} of type ${type} needs a ${setting}`)
  return value
}

function create(definition: DataSourceDefinition, api: AppSyncApi, log: (line: string) => void): DataSource {
  switch (definition.type) {
    case 'NONE':
      return none
    case 'AMAZON_DYNAMODB':
      return createDynamoDbDataSource(api.dynamodb, required(definition.tableName, definition, 'tableName'), api.apiId)
    case 'AWS_LAMBDA':
      return createLambdaDataSource(api.lambda, required(definition.functionArn, definition, 'functionArn'), log)
    case 'HTTP':
      return createHttpDataSource(required(definition.http, definition, 'http endpoint'), api)
    default:
      throw new Error(
        `data source ${definition.name} has type ${definition.type}; emulated are AMAZON_DYNAMODB, AWS_LAMBDA, HTTP and NONE.`,
      )
  }
}

/** The API's data sources by name. */
export function createDataSources(api: AppSyncApi, log: (line: string) => void): Map<string, DataSource> {
  return new Map(api.dataSources.map((definition) => [definition.name, create(definition, api, log)]))
}
