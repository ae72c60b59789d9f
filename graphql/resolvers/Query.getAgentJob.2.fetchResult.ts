import { type Context, type HTTPRequest, runtime, util } from '@aws-appsync/utils'
import type { JobItem } from '../job-item.ts'
import { raiseError, shown } from '../refusals.ts'

/**
 * AppSync answers with 5 MB at most, and escapes each quote of the text: of 2 MB of JSON it makes 4 MB at worst.
 * S3 is asked for no more, so that a larger result costs AppSync nothing.
 */
const MOST_BYTES = 2_000_000

/**
 * Fetches a result that is kept outside the table. For the service name s3 AppSync sends the hash of the body that S3 asks
 * for by itself; one of our own might not be the one that it signs.
 */
export function request(ctx: Context): HTTPRequest<string> {
  if (!ctx.stash.resultKey) runtime.earlyReturn(ctx.prev.result)
  return {
    method: 'GET',
    resourcePath: `/${ctx.stash.resultKey}`,
    params: { headers: { range: `bytes=0-${MOST_BYTES - 1}` } },
  }
}

export function response(ctx: Context): JobItem {
  raiseError(ctx)
  const { statusCode, body, headers } = ctx.result
  // Without the right to list, S3 says AccessDenied of an object that is gone: its time was shorter than the row's.
  if (statusCode === 404 || (statusCode === 403 && body.indexOf('AccessDenied') >= 0)) return ctx.prev.result
  if (statusCode !== 200 && statusCode !== 206) {
    util.error(
      `the result could not be read (S3 answered ${statusCode}: ${shown(body)}): ask again`,
      'ResultUnavailable',
    )
  }
  if (sizeOf(headers ?? {}) > MOST_BYTES) return ctx.prev.result
  return { ...ctx.prev.result, resultData: body, omitted: null }
}

/** Of the whole object, as S3 tells with a part of it: `bytes 0-1999999/3000000`. */
function sizeOf(headers: Record<string, string>): number {
  const names = Object.keys(headers).filter((name) => name.toLowerCase() === 'content-range')
  return names.length === 0 ? 0 : JSON.parse(headers[names[0]].split('/')[1])
}
