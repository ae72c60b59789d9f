import { createHash } from 'node:crypto'
import { type AppSync, createAppSync } from '../appsync/appsync.ts'
import { localAddress } from './local-address.ts'
import type { ApiDraft, AppSyncApis, Services } from './services.ts'

type Reached = Pick<
  Services,
  'clock' | 'identity' | 'credentials' | 'endpointUrl' | 'dynamodb' | 'lambda' | 'cognito' | 'log'
>

/** `/graphql` or `/graphql/<api id>`, and behind either what its WebSockets are dialled at. */
const PATH = /^\/graphql(?:\/([a-z0-9]{26}))?(?:\/realtime)?(?:\?|$)/

export function createAppSyncApis(reached: Reached): AppSyncApis {
  const { clock, cognito, credentials, dynamodb, endpointUrl, identity, lambda, log } = reached
  const addressOf = (url: string) => localAddress(url, endpointUrl())
  const drafts = new Map<string, ApiDraft>()
  const running = new Map<string, AppSync>()
  let announced: string[] = []
  let isOpen = false
  const urlOf = (apiId: string) => `${endpointUrl()}/graphql${apiId === announced[0] ? '' : `/${apiId}`}`
  return {
    announce(apiIds) {
      announced = apiIds
    },
    urlOf,
    draft(apiId) {
      const draft = drafts.get(apiId) ?? emptyApi(apiId)
      drafts.set(apiId, draft)
      return draft
    },
    open() {
      isOpen = true
      for (const [apiId, draft] of drafts) {
        const api = { ...draft, dynamodb, lambda, addressOf, credentials, verifyToken: cognito.verify }
        running.set(apiId, createAppSync({ clock, identity, log, api }))
      }
    },
    isOpen: () => isOpen,
    at(path) {
      const [matched, apiId = announced[0]] = PATH.exec(path) ?? []
      return matched === undefined || apiId === undefined ? undefined : running.get(apiId)
    },
    all: () =>
      announced.flatMap((apiId) => {
        const draft = drafts.get(apiId)
        return draft ? { name: draft.name, url: urlOf(apiId) } : []
      }),
    cutSockets() {
      for (const api of running.values()) api.cutSockets()
    },
    close() {
      for (const api of running.values()) api.close()
    },
  }
}

/** An AppSync API id in its usual form, the same at every start. */
export function shortId(physicalName: string): string {
  return createHash('sha256').update(physicalName).digest('hex').slice(0, 26)
}

function emptyApi(apiId: string): ApiDraft {
  return {
    apiId,
    name: apiId,
    schema: '',
    authenticationType: '',
    apiKeys: [],
    dataSources: [],
    functions: [],
    resolvers: [],
  }
}
