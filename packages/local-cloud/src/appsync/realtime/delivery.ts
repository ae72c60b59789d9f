import { type ExecutionResult, execute, type GraphQLSchema } from 'graphql'
import type { GraphQLRequest } from '../engine.ts'
import type { Prepared } from '../graphql/documents.ts'
import { type WireError, wireError } from '../graphql/errors.ts'
import type { Payload } from './filter-match.ts'

/** What a subscriber gets for a published result. */
export type Delivery = (payload: Payload) => { data: unknown; errors?: WireError[] }

/**
 * Reads a subscription's selection out of published results. No resolver runs again: a field that the mutation did not
 * select is null, and one that must not be null makes an error.
 */
export function createDelivery(
  schema: GraphQLSchema,
  prepared: Prepared,
  request: GraphQLRequest,
  fieldName: string,
): Delivery {
  return (payload) => {
    const result = execute({
      schema,
      document: prepared.document,
      rootValue: { [fieldName]: payload },
      variableValues: request.variables ?? {},
      operationName: request.operationName,
    }) as ExecutionResult
    if (!result.errors) return { data: result.data }
    return {
      data: result.data,
      errors: result.errors.map((error) => {
        const { message, path } = wireError(schema, error)
        return { message, path } as WireError
      }),
    }
  }
}
