import type { Operation } from './routes.ts'

export const deleteSchedule: Operation = (schedules, { name, query }) => {
  schedules.remove(schedules.find(name, query.get('groupName') ?? undefined))
  return {}
}
