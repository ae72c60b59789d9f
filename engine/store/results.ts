import { createHash } from 'node:crypto'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import type { ClaimedJob } from '../job/job.ts'
import type { Answer, Credentials } from '../push/signed-request.ts'
import { createSendSigned } from '../push/signed-request.ts'

/** Stores a result under its key. Throws RetryLater for what passes by itself, PermanentFailure for what does not. */
export type StoreResult = (key: string, resultData: string) => Promise<void>

const TIMEOUT_MS = 10_000

interface Bucket {
  name: string
  region: string
  /** Its host at AWS, which ends otherwise in each partition. */
  domain: string
  /** Where S3 is when it is not at AWS. */
  endpoint?: string
}

/** Puts results into a bucket: one signed PUT, for which the client of S3 would add a fifth to the bundle. */
export function createStoreResult({ credentials, ...bucket }: Bucket & { credentials: Credentials }): StoreResult {
  const send = createSendSigned({ service: 's3', region: bucket.region, credentials, timeoutMs: TIMEOUT_MS })
  const root = bucketUrl(bucket)
  return async (key, resultData) => {
    const url = new URL(`${root}/${key}`)
    const answer = await send('PUT', url, 'application/json', resultData).catch((cause: NodeJS.ErrnoException) => {
      throw unreachable(url, cause)
    })
    if (answer.status !== 200) throw refusal(bucket.name, answer)
  }
}

/** As the SDK has it: an endpoint that was set is asked by path, AWS by the bucket's own host. */
export function bucketUrl({ name, domain, endpoint }: Omit<Bucket, 'region'>): string {
  return endpoint ? `${endpoint.replace(/\/$/, '')}/${name}` : `https://${domain}`
}

/** Where a run's result goes: of this row, as a late worker of an earlier job of its id must not write over it. */
export function resultKey({ id, uid, claims }: ClaimedJob): string {
  return `results/${plain(id)}/${plain(uid)}/${claims}.json`
}

/** Letters that a URL would escape stay out: what is put by hand may have any. */
function plain(name: string): string {
  return /^[\w-]+$/.test(name) ? name : createHash('sha256').update(name).digest('hex')
}

function unreachable(url: URL, cause: NodeJS.ErrnoException): RetryLater {
  return new RetryLater({
    code: 'RESULT_STORE_UNREACHABLE',
    message: `S3 at ${url.host} did not answer: ${cause.message || cause.code}`,
    remediation: 'Nothing to do if it passes; otherwise check the network of run-job.',
    cause,
  })
}

function refusal(bucket: string, { status, text }: Answer): PermanentFailure | RetryLater {
  const message = `S3 refused to store the result in ${bucket} (HTTP ${status}): ${text.slice(0, 500)}`
  // 409 is what S3 says of two writes of one key at once.
  if (status === 409 || status === 429 || status >= 500) {
    return new RetryLater({ code: 'RESULT_STORE_BUSY', message, remediation: 'Nothing to do if it passes.' })
  }
  return new PermanentFailure({
    code: 'RESULT_STORE_REFUSED',
    message,
    remediation: 'Let the role of run-job put objects under results/ into RESULT_BUCKET, and retry the job.',
  })
}
