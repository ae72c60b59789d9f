import type { LambdaCalls } from '../api.ts'
import type { ResolverContext } from '../resolvers/context.ts'
import { badRequest, type DataSource, DataSourceError } from './data-source.ts'

interface LambdaRequest {
  operation?: string
  invocationType?: string
  payload?: unknown
}

interface BatchAnswer {
  data?: unknown
  errorMessage?: string
  errorType?: string
}

/** The event of a direct Lambda resolver: the whole context. */
function directEvent(context: ResolverContext) {
  const { args, identity, source, request, prev, info, stash } = context
  const { selectionSetList, selectionSetGraphQL, parentTypeName, fieldName, variables } = info
  return {
    arguments: args,
    identity,
    source,
    request,
    prev: prev ?? null,
    info: { selectionSetList, selectionSetGraphQL, parentTypeName, fieldName, variables },
    stash,
  }
}

async function invoke({ invoke: call }: LambdaCalls, functionArn: string, payload: unknown): Promise<unknown> {
  const answer = await call(functionArn, payload).catch((error: Error) => {
    throw new DataSourceError(`Lambda:${error.name}`, error.message)
  })
  if (!answer.functionError) return answer.payload ?? null
  const { errorMessage } = (answer.payload ?? {}) as { errorMessage?: string }
  throw new DataSourceError(`Lambda:${answer.functionError}`, errorMessage ?? 'the function failed without a message')
}

/** Fields are not gathered locally: each BatchInvoke is a batch of one. */
async function batchInvoke(calls: LambdaCalls, functionArn: string, payload: unknown): Promise<unknown> {
  const answers = await invoke(calls, functionArn, [payload])
  if (!Array.isArray(answers) || answers.length !== 1) {
    throw new DataSourceError(
      'Lambda:IllegalArgument',
      `a BatchInvoke of 1 must answer a list of 1, got ${JSON.stringify(answers)}`,
    )
  }
  const { data, errorMessage, errorType } = (answers[0] ?? {}) as BatchAnswer
  if (errorMessage) throw new DataSourceError(errorType ?? 'Lambda:Handled', errorMessage, data ?? null)
  return data ?? null
}

/** The AWS_LAMBDA data source. The function gets the payload, not the whole request object. */
export function createLambdaDataSource(
  calls: LambdaCalls,
  functionArn: string,
  log: (line: string) => void,
): DataSource {
  return (request, context) => {
    // A resolver without code is a direct one.
    if (request === undefined) return invoke(calls, functionArn, directEvent(context))
    const { operation, invocationType, payload } = (request ?? {}) as LambdaRequest
    switch (operation) {
      case 'Invoke':
        if (invocationType !== 'Event') return invoke(calls, functionArn, payload ?? null)
        invoke(calls, functionArn, payload ?? null).catch((error: Error) =>
          log(`appsync: ${functionArn}: ${error.message}`),
        )
        return null
      case 'BatchInvoke':
        return batchInvoke(calls, functionArn, payload ?? null)
      default:
        throw badRequest(`operation of a Lambda request must be Invoke or BatchInvoke, got ${operation}`)
    }
  }
}
