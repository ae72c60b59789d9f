import { AwsError } from '../aws-error.ts'
import type { Handle } from '../service.ts'
import type { Schedules } from './operation.ts'
import { serve } from './protocol.ts'
import { Schedule, type ScheduleHost } from './schedule.ts'
import { parseExpression } from './schedule-expression.ts'
import { scheduleSettings } from './schedule-settings.ts'

export interface SchedulerOptions extends Omit<ScheduleHost, 'log'> {
  log?: (line: string) => void
}

export interface Scheduler {
  handle: Handle
  /** Starts a schedule by the resolved properties of AWS::Scheduler::Schedule. A rate without StartDate runs at once. */
  createSchedule(properties: object): { scheduleArn: string }
  close(): void
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
      if (schedules.has(key)) throw new AwsError('ConflictException', 409, `Schedule ${Name} already exists.`)
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
      if (!schedule) throw new AwsError('ResourceNotFoundException', 404, `Schedule ${name} does not exist.`)
      return schedule
    },
    list: () => [...schedules.values()],
    remove(schedule) {
      schedule.stop()
      schedules.delete(keyOf(schedule.settings.Name, schedule.settings.GroupName))
    },
  }
  return {
    handle: serve(all),
    createSchedule: (properties) => ({ scheduleArn: all.create(properties).arn }),
    close() {
      for (const schedule of schedules.values()) schedule.stop()
    },
  }
}
