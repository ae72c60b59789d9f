import type { LambdaFunction } from './function.ts'
import type { Operation } from './routes.ts'

export const getFunction: Operation = async (state, functionName) => {
  const found = state.find(functionName)
  const code = { RepositoryType: 'Local', Location: `file://${found.settings.codePath}` }
  return { statusCode: 200, body: JSON.stringify({ Configuration: configurationOf(found), Code: code, Tags: {} }) }
}

export const getFunctionConfiguration: Operation = async (state, functionName) => {
  return { statusCode: 200, body: JSON.stringify(configurationOf(state.find(functionName))) }
}

/** The FunctionConfiguration that Lambda's read operations share. */
export function configurationOf({ arn, settings }: LambdaFunction) {
  return {
    FunctionName: settings.functionName,
    FunctionArn: arn,
    Version: '$LATEST',
    Runtime: 'nodejs24.x',
    PackageType: 'Zip',
    Handler: settings.handler,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    Environment: { Variables: settings.environment },
    State: 'Active',
    LastUpdateStatus: 'Successful',
  }
}
