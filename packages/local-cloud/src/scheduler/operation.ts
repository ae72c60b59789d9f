import type { Schedule } from './schedule.ts'

/** The schedules by group and name. */
export interface Schedules {
  create(properties: object): Schedule
  find(name: string, group: string | undefined): Schedule
  list(): Schedule[]
  remove(schedule: Schedule): void
}

export interface ScheduleRequest {
  /** Empty for a call on all schedules. */
  name: string
  query: URLSearchParams
  body: object
}

/** One operation of Scheduler; what it returns is the answer's JSON. */
export type Operation = (schedules: Schedules, request: ScheduleRequest) => object
