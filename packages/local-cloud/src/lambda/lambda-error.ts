/** A refusal by the Lambda API itself, as opposed to a failure of the function. */
export class LambdaError extends Error {
  readonly statusCode: number

  constructor(name: string, statusCode: number, message: string) {
    super(message)
    this.name = name
    this.statusCode = statusCode
  }
}

export function functionNotFound(
  name: string,
  identity: { accountId: string; region: string },
  known: string[],
): LambdaError {
  const arn = name.startsWith('arn:')
    ? name
    : `arn:aws:lambda:${identity.region}:${identity.accountId}:function:${name}`
  const message = `Function not found: ${arn}. There are: ${known.join(', ') || 'none'}`
  return new LambdaError('ResourceNotFoundException', 404, message)
}
