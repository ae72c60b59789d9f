import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type EndpointOptions, openEndpoint } from '../src/endpoint.ts'
import type { ErrorForm } from '../src/refusal.ts'
import type { Handle, Identity } from '../src/service.ts'

export const IDENTITY: Identity = { accountId: '000000000000', region: 'us-east-1' }

/** Those that the stack itself signs with, where a test starts a service alone. */
export const CREDENTIALS = { accessKeyId: 'ASIASTACK', secretAccessKey: 'secret' }

/** What an SDK client needs to talk to the service at `endpoint`. */
export function clientSettings(endpoint: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return { endpoint, region: IDENTITY.region, credentials, maxAttempts: 1 }
}

/** Serves one service on a free port. */
export function openService(handle: Handle, upgrade?: EndpointOptions['upgrade'], form: ErrorForm = 'json') {
  return openEndpoint({ port: 0, route: () => ({ handle, access: 'pages', form }), upgrade })
}

/** Serves one service until the test is over; gives the settings of a client for it. */
export async function serve(handle: Handle, form?: ErrorForm) {
  const { close, url } = await openService(handle, undefined, form)
  onTestFinished(close)
  return clientSettings(url)
}

/** A new folder, which goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-cloud-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}
