import type { Operation } from './routes.ts'

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
