import type { FunctionOutcome } from './function.ts'
import { invokeAsynchronously } from './invoke-asynchronously.ts'
import { LambdaError } from './lambda-error.ts'
import type { Answer, Operation } from './routes.ts'

const synchronousLimit = 6 * 1024 * 1024
const asynchronousLimit = 1024 * 1024
/** Lambda returns the last 4 KB of the log when it is asked for. */
const logTailBytes = 4096

export const invoke: Operation = async (state, functionName, req, body) => {
  const target = state.find(functionName)
  const type = req.headers['x-amz-invocation-type'] ?? 'RequestResponse'
  const event = checkedEvent(body, type === 'Event' ? asynchronousLimit : synchronousLimit)
  switch (type) {
    case 'DryRun':
      return { statusCode: 204 }
    case 'Event': {
      const { requestId } = invokeAsynchronously(state, target, event)
      return { statusCode: 202, headers: { 'x-amzn-requestid': requestId } }
    }
    case 'RequestResponse':
      return synchronousAnswer(await target.invoke(event), req.headers['x-amz-log-type'] === 'Tail')
    default:
      throw new LambdaError(
        'InvalidParameterValueException',
        400,
        `InvocationType must be RequestResponse, Event or DryRun, got ${type}`,
      )
  }
}

function checkedEvent(body: Buffer, limit: number): string {
  if (body.length > limit) {
    const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation, got ${body.length}`
    throw new LambdaError('RequestTooLargeException', 413, message)
  }
  const event = body.toString() || '{}'
  try {
    JSON.parse(event)
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`
    throw new LambdaError('InvalidRequestContentException', 400, message)
  }
  return event
}

function synchronousAnswer({ requestId, payload, failed, lines }: FunctionOutcome, wantsLog: boolean): Answer {
  const headers: Record<string, string> = { 'x-amz-executed-version': '$LATEST', 'x-amzn-requestid': requestId }
  if (failed) headers['x-amz-function-error'] = 'Unhandled'
  if (wantsLog) {
    const log = Buffer.from(`START RequestId: ${requestId}\n${lines.join('\n')}\nEND RequestId: ${requestId}\n`)
    headers['x-amz-log-result'] = log.subarray(-logTailBytes).toString('base64')
  }
  return { statusCode: 200, headers, body: payload }
}
