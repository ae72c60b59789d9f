/** A rule as `AWS::S3::Bucket` writes it. What else a rule may do (transitions, versions) changes nothing here. */
export interface LifecycleRule {
  Status: 'Enabled' | 'Disabled'
  Prefix?: string
  ExpirationInDays?: number
}

const DAY_MS = 86_400_000

/** When the first rule for the object ends it: S3 rounds up to the next midnight UTC. Undefined when none does. */
export function expiresAt(rules: LifecycleRule[], key: string, lastModified: number): number | undefined {
  const ends = rules.flatMap(({ Status, Prefix = '', ExpirationInDays: days }) =>
    Status === 'Enabled' && days && key.startsWith(Prefix)
      ? [Math.ceil((lastModified + days * DAY_MS) / DAY_MS) * DAY_MS]
      : [],
  )
  return ends.length === 0 ? undefined : Math.min(...ends)
}
