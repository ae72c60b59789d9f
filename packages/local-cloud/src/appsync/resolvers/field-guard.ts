import type { GraphQLResolveInfo } from 'graphql'
import type { Operation } from '../graphql/operation.ts'
import { ResolverError } from '../runtime/invocation.ts'

function levelOf(info: GraphQLResolveInfo): number {
  let level = 0
  for (let path: GraphQLResolveInfo['path'] | undefined = info.path; path; path = path.prev) {
    if (typeof path.key === 'string') level += 1
  }
  return level
}

/** Refuses a field that the caller may not read, or that lies too deep. */
export function guardField(operation: Operation, info: GraphQLResolveInfo): void {
  const type = info.parentType.name
  if (operation.denied?.has(`${type}.${info.fieldName}`)) {
    throw new ResolverError(`Not Authorized to access ${info.fieldName} on type ${type}`, 'Unauthorized')
  }
  const { depthLimit } = operation
  if (depthLimit !== undefined && levelOf(info) > depthLimit) {
    const message = `${info.fieldName} is at level ${levelOf(info)}; queryDepthLimit of this API is ${depthLimit}`
    throw new ResolverError(message, 'QueryDepthLimitReached')
  }
}

/** Reads a field that has no resolver from its parent. */
export function readField(source: unknown, _args: unknown, _operation: Operation, info: GraphQLResolveInfo): unknown {
  return (source as Record<string, unknown> | null | undefined)?.[info.fieldName]
}

/** The same for a document in which some field has to be refused. */
export function readGuardedField(
  source: unknown,
  args: unknown,
  operation: Operation,
  info: GraphQLResolveInfo,
): unknown {
  if (!info.fieldName.startsWith('__')) guardField(operation, info)
  return readField(source, args, operation, info)
}
