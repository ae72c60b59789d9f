import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Credentials } from './signature-v4.ts'

/**
 * The credentials of this start: the local Lambda gives them to its functions, and AppSync's data sources sign with them.
 * With a state folder, its file `credentials` has them for another program that is to act as the stack:
 * AWS_SHARED_CREDENTIALS_FILE takes it.
 */
export function stackCredentials(state: string | undefined): Credentials {
  const accessKeyId = `ASIALOCAL${randomBytes(6).toString('hex').toUpperCase()}`
  const secretAccessKey = randomBytes(30).toString('base64')
  if (state !== undefined) {
    const lines = ['[default]', `aws_access_key_id = ${accessKeyId}`, `aws_secret_access_key = ${secretAccessKey}`, '']
    writeFileSync(join(state, 'credentials'), lines.join('\n'), { mode: 0o600 })
  }
  return { accessKeyId, secretAccessKey }
}
