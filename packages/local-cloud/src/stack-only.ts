import { AwsError } from './aws-error.ts'
import type { Handle } from './service.ts'
import { type Credentials, isSignedBy } from './signature-v4.ts'

/** Puts before a service that spends somebody's money that only the stack's own functions may call it. */
export function stackOnly(credentials: Credentials, handle: Handle): Handle {
  return (request, response, body) => {
    const { method = '', url: target = '' } = request
    const headers = { ...request.headers, host: String(request.headers[':authority'] ?? request.headers.host) }
    if (isSignedBy(credentials, { method, target, headers, body })) return handle(request, response, body)
    throw new AwsError(
      'AccessDeniedException',
      403,
      "a model that costs money answers the stack's own functions only: call it from one of them, or take their credentials " +
        'by AWS_SHARED_CREDENTIALS_FILE from the file credentials in the state folder, or start with --model offline',
    )
  }
}
