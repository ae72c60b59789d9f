/** What one owner may have, so that nobody fills the queues of all. The group `admins` has no limits. */
export interface OwnerLimits {
  /**
   * Jobs that wait or run at once, from 1 to 1000; `false` for any number. One over it is refused with `LimitExceeded`.
   * @default 1000
   */
  readonly openJobs?: number | false
  /**
   * Jobs submitted in a minute, from 1 to 1000; `false` for any number. One over it is refused with `Throttled`.
   * @default 300
   */
  readonly jobsPerMinute?: number | false
  /**
   * The groups of the user pool whose users may submit jobs of priority HIGH; `[]` leaves it to admins.
   * @default everybody may
   */
  readonly highPriority?: string[]
}

// What a Query of the index reads of keys in one go, with room.
const MOST = 1000

/** As the resolvers read them, from OWNER_LIMITS: null is no limit. */
export function checkOwnerLimits({ openJobs = 1000, jobsPerMinute = 300, highPriority }: OwnerLimits = {}) {
  return {
    openJobs: checkLimit('openJobs', openJobs),
    jobsPerMinute: checkLimit('jobsPerMinute', jobsPerMinute),
    highPriority: highPriority ?? null,
  }
}

function checkLimit(name: string, limit: number | false): number | null {
  if (limit === false || limit === Number.POSITIVE_INFINITY) return null
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit
  throw new Error(`ownerLimits.${name} must be a whole number from 1 to ${MOST}, or false for any number, got ${limit}`)
}
