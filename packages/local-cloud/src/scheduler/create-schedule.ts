import type { Operation } from './routes.ts'

export const createSchedule: Operation = (schedules, { name, body }) => {
  return { ScheduleArn: schedules.create({ ...body, Name: name }).arn }
}
