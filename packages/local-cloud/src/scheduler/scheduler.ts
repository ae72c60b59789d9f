import type { IncomingMessage, ServerResponse } from 'node:http'
import { handleRequest } from './routes.ts'
import { Schedule, type ScheduleHost } from './schedule.ts'
import { parseExpression } from './schedule-expression.ts'
import { scheduleSettings } from './schedule-settings.ts'
import { SchedulerError } from './scheduler-error.ts'

export interface SchedulerOptions extends Omit<ScheduleHost, 'log'> {
  log?: (line: string) => void
}

export interface Scheduler {
  handle(req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void>
  /** Starts a schedule by the resolved properties of AWS::Scheduler::Schedule. A rate without StartDate runs at once. */
  createSchedule(properties: object): { scheduleArn: string }
  close(): void
}

/** The schedules by group and name. */
export interface Schedules {
  create(properties: object): Schedule
  find(name: string, group: string | undefined): Schedule
  list(): Schedule[]
  remove(schedule: Schedule): void
}

/** EventBridge Scheduler: a timer on the local clock for each schedule, with functions as targets. */
export function createScheduler({ log = () => {}, ...services }: SchedulerOptions): Scheduler {
  const schedules = new Map<string, Schedule>()
  const keyOf = (name: string, group = 'default') => `${group}/${name}`
  const all: Schedules = {
    create(properties) {
      const settings = scheduleSettings(properties)
      const { Name, GroupName, ScheduleExpression, ScheduleExpressionTimezone } = settings
      const key = keyOf(Name, GroupName)
      if (schedules.has(key)) throw new SchedulerError('ConflictException', 409, `Schedule ${Name} already exists.`)
      const start = settings.start ?? services.clock.now()
      const occurrences = parseExpression(ScheduleExpression, ScheduleExpressionTimezone, start)
      const onComplete = () => {
        if (settings.ActionAfterCompletion === 'DELETE') schedules.delete(key)
      }
      const schedule = new Schedule(settings, occurrences, { ...services, log }, onComplete)
      schedules.set(key, schedule)
      return schedule
    },
    find(name, group) {
      const schedule = schedules.get(keyOf(name, group))
      if (!schedule) throw new SchedulerError('ResourceNotFoundException', 404, `Schedule ${name} does not exist.`)
      return schedule
    },
    list: () => [...schedules.values()],
    remove(schedule) {
      schedule.stop()
      schedules.delete(keyOf(schedule.settings.Name, schedule.settings.GroupName))
    },
  }
  return {
    handle: (req, res, body) => handleRequest(all, req, res, body),
    createSchedule: (properties) => ({ scheduleArn: all.create(properties).arn }),
    close() {
      for (const schedule of schedules.values()) schedule.stop()
    },
  }
}
