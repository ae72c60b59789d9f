import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { AwsError } from './aws-error.ts'
import { escapeXml, xml } from './xml.ts'

/** How a service writes an error: S3 and the query protocol in XML, all others in JSON. */
export type ErrorForm = 'json' | 's3' | 'query'

/** Answers for a service that is not asked at all. */
export function sendRefusal(response: ServerResponse, error: AwsError, form: ErrorForm): void {
  if (response.headersSent) return void response.destroy()
  const { code, retryAfterSeconds, status } = error
  const text = form === 'json' ? json(error) : form === 's3' ? s3Error(error) : queryError(error)
  response.writeHead(status, {
    'content-type': form === 'json' ? 'application/json' : 'text/xml',
    'content-length': Buffer.byteLength(text),
    'x-amzn-errortype': code,
    'x-amzn-requestid': randomUUID(),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  })
  response.end(response.req?.method === 'HEAD' ? undefined : text)
}

/** What each of AWS's JSON protocols looks at, and GraphQL's clients. */
function json({ code, message }: AwsError): string {
  return JSON.stringify({ __type: code, message, errors: [{ errorType: code, message }] })
}

export function s3Error({ code, message }: AwsError): string {
  return xml(`<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`)
}

function queryError({ code, message, status }: AwsError): string {
  const type = status < 500 ? 'Sender' : 'Receiver'
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`
  return xml(`<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`)
}
