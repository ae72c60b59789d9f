import { type Context, type HTTPRequest, runtime, util } from '@aws-appsync/utils'
import type { JobItem } from '../job-item.ts'
import { raiseError, shown } from '../refusals.ts'

/**
 * AppSync answers with 5 MB at most, and escapes each quote of the text: of 2 MB of JSON it makes 4 MB at worst.
 * S3 is asked for no more, so that a larger result costs AppSync nothing.
 */
const MOST_BYTES = 2_000_000

/** S3 refuses a signed request without this header, even one without a body: SHA-256 of nothing. */
const HASH_OF_NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Fetches a result that is kept outside the table. */
export function request(ctx: Context): HTTPRequest<string> {
  if (!ctx.stash.resultKey) runtime.earlyReturn(ctx.prev.result)
  return {
    method: 'GET',
    resourcePath: `/${ctx.stash.resultKey}`,
    params: { headers: { range: `bytes=0-${MOST_BYTES - 1}`, 'x-amz-content-sha256': HASH_OF_NO_BODY } },
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
