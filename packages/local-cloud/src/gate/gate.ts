import type { IncomingMessage } from 'node:http'
import { AwsError } from '../aws-error.ts'
import { readAuthorization } from '../signature-v4.ts'
import { hostOf, isAllowedPage, isLocalHost, pageOf } from './origins.ts'

/** What a service asks of who calls it, before it looks at the call itself. */
export interface Access {
  /**
   * `pages`: web pages may call it too, and it asks for credentials of its own. `signed`: only with AWS's signature, which every
   * SDK sends, and which a page cannot send unasked. `presigned`: with one in the URL as well.
   */
  access: 'pages' | 'signed' | 'presigned'
  /** What its clients know for a call without a signature. */
  unsigned?: { code: string; status: number; message: string }
}

const UNSIGNED = { code: 'MissingAuthenticationTokenException', status: 403, message: 'Missing Authentication Token' }

/** Refuses what did not come from this machine and its pages. */
export function checkCaller(request: IncomingMessage, origins: readonly string[]): AwsError | undefined {
  const { headers, url = '' } = request
  const host = hostOf(headers)
  if (!isLocalHost(host)) {
    const message = `the local cloud answers at 127.0.0.1 and localhost only, got the Host ${host ?? '(none)'}`
    return new AwsError('AccessDeniedException', 403, message)
  }
  const page = pageOf(headers)
  if (page !== undefined && !isAllowedPage(page, origins)) {
    const message = `a page of ${page} may not call the local cloud, only those of this machine; start it with --origin ${page} to let it`
    return new AwsError('AccessDeniedException', 403, message)
  }
  if (!isPath(url)) return new AwsError('BadRequestException', 400, `a request must name a path, got ${url}`)
  return undefined
}

/** Refuses a call without what its service asks for. */
export function checkAccess(
  { headers, url = '' }: IncomingMessage,
  { access, unsigned = UNSIGNED }: Access,
): AwsError | undefined {
  if (access === 'pages') return undefined
  if (access === 'presigned' && url.includes('X-Amz-Signature=')) return undefined
  // The preflight cannot tell which service a page means, as that stands in the value of a header.
  if (headers.origin !== undefined) {
    const message = 'web pages may call AppSync, Cognito and the presigned URLs of S3 here, and nothing else'
    return new AwsError('AccessDeniedException', 403, message)
  }
  if (readAuthorization(headers.authorization)) return undefined
  return new AwsError(unsigned.code, unsigned.status, unsigned.message)
}

/** Services take the path apart and decode it; what cannot be decoded would fail in the midst of them. */
function isPath(url: string): boolean {
  if (!url.startsWith('/')) return false
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '')
    return true
  } catch {
    return false
  }
}
