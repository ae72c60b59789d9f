import type { Resource } from '../template.ts'
import { DEPLOYERS } from './index.ts'
import { notEmulated } from './not-emulated.ts'

/**
 * Names a resource that the local cloud cannot put up, with what about it; undefined for one that it can, or that has no
 * effect on what runs.
 */
export function unsupported(logicalId: string, { Type, Properties = {} }: Resource): string | undefined {
  if (!DEPLOYERS[Type]) return notEmulated.knows(Type) ? undefined : `${Type} (${logicalId})`
  const what = Type === 'AWS::Lambda::Function' ? unsupportedFunction(Properties) : undefined
  return what && `${Type} (${logicalId}: ${what})`
}

function unsupportedFunction({ Code, PackageType, Runtime }: Record<string, unknown>): string | undefined {
  if (PackageType === 'Image') return 'a container image'
  if (typeof Runtime === 'string' && !Runtime.startsWith('nodejs')) return `runtime ${Runtime}`
  return Code && !('S3Key' in (Code as object)) ? 'inline code, not an asset' : undefined
}
