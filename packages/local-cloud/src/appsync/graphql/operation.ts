import type { Caller } from '../authorization/authenticate.ts'
import type { Invocation } from '../runtime/invocation.ts'
import type { WireError } from './errors.ts'

/** Everything that belongs to one GraphQL request; graphql-js hands it to every resolver. */
export interface Operation {
  caller: Caller
  headers: Record<string, string | string[]>
  /** "Type.field" of the fields of this document that the caller may not read; absent when there are none. */
  denied?: Set<string>
  /** The API's QueryDepthLimit, when this document goes beyond it. */
  depthLimit?: number
  variables: Record<string, unknown>
  responseHeaders: Record<string, string>
  invalidations: Invocation['invalidations']
  /** Entries of `util.appendError`, already in the shape of the wire. */
  appended: WireError[]
  resolversRun: number
  /** The invocation of a subscription field's resolver, which holds the filters it set. */
  subscription?: Invocation
}

export function createOperation(
  caller: Caller,
  headers: Record<string, string | string[]>,
  variables: Record<string, unknown>,
): Operation {
  return { caller, headers, variables, responseHeaders: {}, invalidations: [], appended: [], resolversRun: 0 }
}
