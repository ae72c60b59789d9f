import { validationError } from '../aws-error.ts'

/** Properties of AWS::Scheduler::Schedule, or the body of CreateSchedule; dates as ISO text or as epoch seconds. */
export interface ScheduleProperties {
  Name?: string
  GroupName?: string
  Description?: string
  ScheduleExpression?: string
  ScheduleExpressionTimezone?: string
  StartDate?: string | number
  EndDate?: string | number
  State?: string
  ActionAfterCompletion?: string
  FlexibleTimeWindow?: { Mode?: string; MaximumWindowInMinutes?: number }
  Target?: TargetProperties
}

interface TargetProperties {
  Arn?: string
  RoleArn?: string
  Input?: string
  DeadLetterConfig?: { Arn?: string }
  RetryPolicy?: { MaximumEventAgeInSeconds?: number; MaximumRetryAttempts?: number }
}

/** A schedule, checked, with the service's defaults. */
export interface ScheduleSettings extends ScheduleProperties {
  Name: string
  GroupName: string
  ScheduleExpression: string
  ScheduleExpressionTimezone: string
  State: 'ENABLED' | 'DISABLED'
  start: number | undefined
  end: number | undefined
  target: {
    arn: string
    input: string | undefined
    deadLetterArn: string | undefined
    maximumRetryAttempts: number
    maximumEventAgeMs: number
  }
}

export function scheduleSettings(given: object): ScheduleSettings {
  const properties = given as ScheduleProperties
  const { Name = '', GroupName = 'default', ScheduleExpression = '', State = 'ENABLED' } = properties
  if (!/^[\w.-]{1,64}$/.test(Name))
    throw validationError(`Name must be 1 to 64 letters, digits, -, _ or ., got ${Name}`)
  if (State !== 'ENABLED' && State !== 'DISABLED')
    throw validationError(`State must be ENABLED or DISABLED, got ${State}`)
  const mode = properties.FlexibleTimeWindow?.Mode
  if (mode !== 'OFF' && mode !== 'FLEXIBLE')
    throw validationError(`FlexibleTimeWindow.Mode must be OFF or FLEXIBLE, got ${mode}`)
  return {
    ...properties,
    Name,
    GroupName,
    ScheduleExpression,
    ScheduleExpressionTimezone: properties.ScheduleExpressionTimezone ?? 'UTC',
    State,
    start: momentOf('StartDate', properties.StartDate),
    end: momentOf('EndDate', properties.EndDate),
    target: targetOf(properties.Target),
  }
}

function targetOf({
  Arn = '',
  Input,
  DeadLetterConfig,
  RetryPolicy = {},
}: TargetProperties = {}): ScheduleSettings['target'] {
  if (!/^arn:[^:]+:lambda:/.test(Arn))
    throw validationError(`Target.Arn must be a Lambda function here, got ${Arn || 'nothing'}`)
  if (Input !== undefined) checkInput(Input)
  return {
    arn: Arn,
    input: Input,
    deadLetterArn: DeadLetterConfig?.Arn,
    maximumRetryAttempts: RetryPolicy.MaximumRetryAttempts ?? 185,
    maximumEventAgeMs: (RetryPolicy.MaximumEventAgeInSeconds ?? 86_400) * 1000,
  }
}

function checkInput(input: string): void {
  try {
    JSON.parse(input)
  } catch {
    throw validationError(`Target.Input must be JSON text for a Lambda function, got ${input}`)
  }
}

function momentOf(name: string, value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined
  const moment = typeof value === 'number' ? value * 1000 : Date.parse(value)
  if (Number.isNaN(moment)) throw validationError(`${name} must be a date, got ${value}`)
  return moment
}
