import { AwsError } from './aws-error.ts'

const REASONS: Record<string, string> = {
  ENOSPC: 'there is no room left on the disk',
  EDQUOT: 'there is no room left in the quota',
  EFBIG: 'a file has become too large',
  EIO: 'the disk fails',
  EROFS: 'the disk takes no writes',
  EACCES: 'writing is not permitted',
  EPERM: 'writing is not permitted',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/**
 * What the disk said against keeping something, as AWS's services say that they failed: their clients try it again. The
 * error itself names files of the machine, which are nobody's business who calls. Undefined for another error.
 */
export function storageError(error: unknown): AwsError | undefined {
  const reason = REASONS[(error as NodeJS.ErrnoException | undefined)?.code ?? '']
  if (!reason) return undefined
  const message = `The state folder cannot be written: ${reason}. Make that good, and try again.`
  return new AwsError('InternalServerError', 500, message, { cause: error })
}

/** Whether the disk takes no such write. */
export function isRefused(write: () => void): boolean {
  try {
    write()
    return false
  } catch (error) {
    if (error instanceof AwsError) return true
    throw error
  }
}
