import type { Operation } from './routes.ts'

export const getSchedule: Operation = (schedules, { name, query }) => {
  const { arn, createdAt, settings } = schedules.find(name, query.get('groupName') ?? undefined)
  const { start, end, target, ...properties } = settings
  return {
    ...properties,
    Arn: arn,
    StartDate: start === undefined ? undefined : start / 1000,
    EndDate: end === undefined ? undefined : end / 1000,
    CreationDate: createdAt / 1000,
    LastModificationDate: createdAt / 1000,
    Target: {
      ...properties.Target,
      RetryPolicy: {
        MaximumRetryAttempts: target.maximumRetryAttempts,
        MaximumEventAgeInSeconds: target.maximumEventAgeMs / 1000,
      },
    },
  }
}
