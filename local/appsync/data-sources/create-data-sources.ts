import type { AppSyncApi, DataSourceDefinition } from '../api.ts'
import type { DataSource } from './data-source.ts'
import { createDynamoDbDataSource } from './dynamodb/index.ts'
import { createLambdaDataSource } from './lambda.ts'
import { none } from './none.ts'

function required(value: string | undefined, { name, type }: DataSourceDefinition, setting: string): string {
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
    default:
      throw new Error(
        `data source ${definition.name} has type ${definition.type}; emulated are AMAZON_DYNAMODB, AWS_LAMBDA and NONE.`,
      )
  }
}

/** The API's data sources by name. */
export function createDataSources(api: AppSyncApi, log: (line: string) => void): Map<string, DataSource> {
  return new Map(api.dataSources.map((definition) => [definition.name, create(definition, api, log)]))
}
