import type { GraphQLResolveInfo } from 'graphql'
import type { Operation } from '../graphql/operation.ts'
import { selectionSetGraphQL, selectionSetList } from './selection-set.ts'

/** `ctx` of a resolver's run; one object goes through all handlers of the run. */
export interface ResolverContext {
  args: Record<string, unknown>
  arguments: Record<string, unknown>
  source: unknown
  stash: Record<string, unknown>
  prev: { result: unknown } | undefined
  result: unknown
  error: { message: string; type: string } | undefined
  identity: unknown
  env: Record<string, string>
  request: { headers: Record<string, string | string[]>; domainName: null }
  info: ContextInfo
}

/** `ctx.info`. The selection set is worked out when code asks for it, and JSON.stringify leaves it out, as on AWS. */
class ContextInfo {
  readonly fieldName: string
  readonly parentTypeName: string
  readonly variables: Record<string, unknown>
  readonly #info: GraphQLResolveInfo

  constructor(info: GraphQLResolveInfo) {
    this.fieldName = info.fieldName
    this.parentTypeName = info.parentType.name
    this.variables = info.variableValues
    this.#info = info
  }

  get selectionSetList(): string[] {
    return selectionSetList(this.#info)
  }

  get selectionSetGraphQL(): string {
    return selectionSetGraphQL(this.#info)
  }
}

export function createContext(
  source: unknown,
  args: Record<string, unknown>,
  operation: Operation,
  env: Record<string, string>,
  info: GraphQLResolveInfo,
): ResolverContext {
  return {
    args,
    arguments: args,
    source: source ?? null,
    stash: {},
    prev: undefined,
    result: undefined,
    error: undefined,
    identity: operation.caller.identity,
    env,
    request: { headers: operation.headers, domainName: null },
    info: new ContextInfo(info),
  }
}
