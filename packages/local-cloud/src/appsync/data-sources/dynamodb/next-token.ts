import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { DataSourceError } from '../data-source.ts'
import { fromWire } from './attribute-values.ts'

/** Turns DynamoDB's last key into an opaque token and back. */
export interface NextTokens {
  write(lastKey: unknown): string | null
  read(token: unknown): unknown
}

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * Tokens of one field. As on AWS a token says nothing to its reader and works only for the resolver that gave it; the
 * key comes from the API's id, so that a token outlives a restart.
 */
export function createNextTokens(apiId: string, field: string): NextTokens {
  const key = createHash('sha256').update(`nextToken of ${apiId}`).digest()
  return {
    write(lastKey) {
      if (!lastKey) return null
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(field))
      const text = Buffer.concat([cipher.update(JSON.stringify(lastKey), 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')
    },
    read(token) {
      if (token === undefined || token === null) return undefined
      try {
        const bytes = Buffer.from(String(token), 'base64')
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(field))
          .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
        const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
        return JSON.parse(text.toString('utf8'))
      } catch {
        throw new DataSourceError(
          'BadRequestException',
          `Invalid pagination token: nextToken is not one that ${field} gave.`,
        )
      }
    },
  }
}

/** A page of Query or Scan as `ctx.result` shows it. */
export function pageOf(output: Record<string, unknown>, tokens: NextTokens) {
  return {
    items: ((output.Items ?? []) as Record<string, unknown>[]).map(fromWire),
    nextToken: tokens.write(output.LastEvaluatedKey),
    scannedCount: output.ScannedCount,
  }
}
