import { type AppSync, createAppSync } from '../appsync/appsync.ts'
import { localAddress } from './local-address.ts'
import type { ApiDraft, AppSyncApis, Services } from './services.ts'

type Reached = Pick<Services, 'clock' | 'identity' | 'endpointUrl' | 'dynamodb' | 'lambda' | 'cognito' | 'log'>

export function createAppSyncApis(reached: Reached): AppSyncApis {
  const { clock, cognito, dynamodb, endpointUrl, identity, lambda, log } = reached
  const addressOf = (url: string) => localAddress(url, endpointUrl())
  const drafts = new Map<string, ApiDraft>()
  let running: AppSync | undefined
  return {
    draft(apiId) {
      const draft = drafts.get(apiId) ?? emptyApi(apiId)
      drafts.set(apiId, draft)
      return draft
    },
    open() {
      const [draft, ...others] = drafts.values()
      if (others.length > 0) throw new Error('the local cloud serves one GraphQL API; the template has several')
      if (!draft) return
      running = createAppSync({
        clock,
        identity,
        log,
        api: { ...draft, dynamodb, lambda, addressOf, verifyToken: cognito.verify },
      })
    },
    current: () => running,
    close: () => running?.close(),
  }
}

function emptyApi(apiId: string): ApiDraft {
  return { apiId, schema: '', authenticationType: '', dataSources: [], functions: [], resolvers: [] }
}
