import type { Operation } from './operation.ts'

export const createSchedule: Operation = (schedules, { name, body }) => {
  return { ScheduleArn: schedules.create({ ...body, Name: name }).arn }
}

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

export const listSchedules: Operation = (schedules, { query }) => {
  const group = query.get('ScheduleGroup')
  const prefix = query.get('NamePrefix') ?? ''
  const state = query.get('State')
  const found = schedules.list().filter(({ settings: { GroupName, Name, State } }) => {
    return (!group || GroupName === group) && Name.startsWith(prefix) && (!state || State === state)
  })
  return {
    Schedules: found.map(({ arn, createdAt, settings: { GroupName, Name, State, target } }) => ({
      Arn: arn,
      GroupName,
      Name,
      State,
      CreationDate: createdAt / 1000,
      LastModificationDate: createdAt / 1000,
      Target: { Arn: target.arn },
    })),
  }
}

export const deleteSchedule: Operation = (schedules, { name, query }) => {
  schedules.remove(schedules.find(name, query.get('groupName') ?? undefined))
  return {}
}
