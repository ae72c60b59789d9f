import { createHash } from 'node:crypto'

/** What functions and schedules may have at most; other names may be longer. */
const MAX_LENGTH = 64

/**
 * The name of a resource that the template gives none: of stack and logical id, as CloudFormation makes it, cut where it
 * would be too long. It is the same at every start, so that state on disk is found again.
 */
export function physicalName(stackName: string, logicalId: string): string {
  const whole = `${stackName}-${logicalId}`
  if (whole.length <= MAX_LENGTH) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 12).toUpperCase()
  const head = `${stackName.slice(0, 24)}-${logicalId}`.slice(0, MAX_LENGTH - hash.length - 1)
  return `${head}-${hash}`
}
