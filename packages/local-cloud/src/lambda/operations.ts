import { AwsError } from '../aws-error.ts'
import type { FunctionOutcome, LambdaFunction } from './function.ts'
import { invokeAsynchronously } from './invoke-asynchronously.ts'
import type { LambdaAnswer, Operation } from './operation.ts'

const synchronousLimit = 6 * 1024 * 1024
const asynchronousLimit = 1024 * 1024
/** Lambda returns the last 4 KB of the log when it is asked for. */
const logTailBytes = 4096

export const invoke: Operation = async (state, { functionName, headers, body }) => {
  const target = state.find(functionName)
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse'
  const event = checkedEvent(body, type === 'Event' ? asynchronousLimit : synchronousLimit)
  switch (type) {
    case 'DryRun':
      return { status: 204 }
    case 'Event': {
      const { requestId } = invokeAsynchronously(state, target, event)
      return { status: 202, headers: { 'x-amzn-requestid': requestId } }
    }
    case 'RequestResponse':
      return synchronousAnswer(await target.invoke(event), headers['x-amz-log-type'] === 'Tail')
    default:
      throw new AwsError(
        'InvalidParameterValueException',
        400,
        `InvocationType must be RequestResponse, Event or DryRun, got ${type}`,
      )
  }
}

function checkedEvent(body: Buffer, limit: number): string {
  if (body.length > limit) {
    const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation, got ${body.length}`
    throw new AwsError('RequestTooLargeException', 413, message)
  }
  const event = body.toString() || '{}'
  try {
    JSON.parse(event)
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`
    throw new AwsError('InvalidRequestContentException', 400, message)
  }
  return event
}

function synchronousAnswer({ requestId, payload, failed, lines }: FunctionOutcome, wantsLog: boolean): LambdaAnswer {
  const headers: Record<string, string> = { 'x-amz-executed-version': '$LATEST', 'x-amzn-requestid': requestId }
  if (failed) headers['x-amz-function-error'] = 'Unhandled'
  if (wantsLog) {
    const log = Buffer.from(`START RequestId: ${requestId}\n${lines.join('\n')}\nEND RequestId: ${requestId}\n`)
    headers['x-amz-log-result'] = log.subarray(-logTailBytes).toString('base64')
  }
  return { status: 200, headers, body: payload }
}

export const getFunction: Operation = (state, { functionName }) => {
  const found = state.find(functionName)
  const code = { RepositoryType: 'Local', Location: `file://${found.settings.codePath}` }
  return { status: 200, body: JSON.stringify({ Configuration: configurationOf(found), Code: code, Tags: {} }) }
}

export const getFunctionConfiguration: Operation = (state, { functionName }) => {
  return { status: 200, body: JSON.stringify(configurationOf(state.find(functionName))) }
}

export const listFunctions: Operation = (state) => {
  const functions = [...state.functions.values()].map(configurationOf)
  return { status: 200, body: JSON.stringify({ Functions: functions }) }
}

function configurationOf({ arn, settings }: LambdaFunction) {
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
