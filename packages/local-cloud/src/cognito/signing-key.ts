import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'

/** The RSA key that signs every token of this issuer. */
export interface SigningKey {
  kid: string
  privateKey: CryptoKey
  publicKey: CryptoKey
  /** As the JWKS document publishes it. */
  publicJwk: JWK
}

const FILE = 'signing-key.json'

function stored(file: string): JWK | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JWK
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`the signing key ${file} cannot be read: ${(error as Error).message}. Delete it to make a new one.`)
  }
}

async function generated(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return exportJWK(privateKey)
}

/** The key kept in the folder `path`, or a new one, which is kept there from now on. */
export async function loadSigningKey(path: string | undefined): Promise<SigningKey> {
  const file = path && join(path, FILE)
  const found = file ? stored(file) : undefined
  const jwk = found ?? (await generated())
  if (path && file && !found) {
    mkdirSync(path, { recursive: true })
    writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 })
  }
  const { kty, n, e } = jwk
  const kid = createHash('sha256').update(String(n)).digest('base64url')
  const publicJwk = { kty, n, e, alg: 'RS256', use: 'sig', kid }
  return {
    kid,
    publicJwk,
    privateKey: (await importJWK(jwk, 'RS256')) as CryptoKey,
    publicKey: (await importJWK(publicJwk, 'RS256')) as CryptoKey,
  }
}
