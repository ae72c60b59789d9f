import type { AppSyncApi } from '../api.ts'
import type { DataSource } from './data-source.ts'
import { none } from './none.ts'

/** The API's data sources by name. */
export function createDataSources(api: AppSyncApi): Map<string, DataSource> {
  return new Map(
    api.dataSources.map((definition): [string, DataSource] => {
      switch (definition.type) {
        case 'NONE':
          return [definition.name, none]
        default:
          throw new Error(
            `data source ${definition.name} has type ${definition.type}; emulated are AMAZON_DYNAMODB, AWS_LAMBDA and NONE.`,
          )
      }
    }),
  )
}
