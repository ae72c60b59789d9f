import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createScheduler } from '../../src/scheduler/scheduler.ts'
import { addFunction, startLambda, untilLine } from '../lambda/lambda-world.ts'
import { IDENTITY, serve } from '../open-service.ts'
import { WatchedClock } from '../watched-clock.ts'

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:sweep'
const scheduleArn = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/sweep'

interface Options {
  /** How many hand-overs to the function fail first. */
  failures?: number
}

function world({ failures = 0 }: Options = {}) {
  const clock = new WatchedClock(Date.parse('2030-01-01T12:00:30Z'))
  const events: { at: string; event: unknown }[] = []
  const lines: string[] = []
  const invokeAsync = (_arn: string, event: unknown) => {
    if (failures-- > 0) throw new Error('not yet')
    events.push({ at: new Date(clock.now()).toISOString().slice(0, 19), event })
    return { requestId: '1' }
  }
  const log = (line: string) => void lines.push(line)
  const buried: unknown[] = []
  const send = async (queueArn: string, body: string) => {
    buried.push([queueArn, JSON.parse(body)])
    return { messageId: '1' }
  }
  const scheduler = createScheduler({ clock, identity: IDENTITY, lambda: { invokeAsync }, sqs: { send }, log })
  onTestFinished(() => scheduler.close())
  const create = (properties: object = {}) => scheduler.createSchedule(schedule(properties))
  const times = () => events.map(({ at }) => at)
  return { clock, scheduler, create, events, times, lines, buried }
}

const schedule = (properties: object) => ({
  Name: 'sweep',
  ScheduleExpression: 'rate(1 minute)',
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: { Arn: functionArn, RoleArn: 'arn:aws:iam::000000000000:role/r' },
  ...properties,
})

describe('a schedule', () => {
  test('with a rate runs at once, then every period', async () => {
    const { clock, create, times } = world()
    expect(create()).toEqual({ scheduleArn })
    await clock.advance(0)
    expect(times()).toEqual(['2030-01-01T12:00:30'])
    await clock.advance(120_000)
    expect(times().slice(1)).toEqual(['2030-01-01T12:01:30', '2030-01-01T12:02:30'])
  })

  test('keeps to its start and end', async () => {
    const { clock, create, times } = world()
    create({ StartDate: '2030-01-01T13:00:00Z', EndDate: '2030-01-01T13:01:30Z' })
    await clock.advance(24 * 3_600_000)
    expect(times()).toEqual(['2030-01-01T13:00:00', '2030-01-01T13:01:00'])
  })

  test('may be far away', async () => {
    const { clock, create, times } = world()
    create({ ScheduleExpression: 'cron(0 8 1 3 ? *)' })
    await clock.advance(58 * 86_400_000)
    expect(times()).toEqual([])
    await clock.advance(86_400_000)
    expect(times()).toEqual(['2030-03-01T08:00:00'])
  })

  test('does not run when it is disabled', async () => {
    const { clock, create, times } = world()
    create({ State: 'DISABLED' })
    await clock.advance(600_000)
    expect(times()).toEqual([])
  })

  test('passes its input on, with its own facts filled in', async () => {
    const { clock, create, events } = world()
    const facts = ['schedule-arn', 'scheduled-time', 'execution-id', 'attempt-number', 'other']
    const Input = JSON.stringify(Object.fromEntries(facts.map((name) => [name, `<aws.scheduler.${name}>`])))
    create({ Target: { Arn: functionArn, Input } })
    await clock.advance(0)
    expect(events[0]?.event).toEqual({
      'schedule-arn': scheduleArn,
      'scheduled-time': '2030-01-01T12:00:30Z',
      'execution-id': expect.stringMatching(/^[\da-f-]{36}$/),
      'attempt-number': '1',
      other: '<aws.scheduler.other>',
    })
  })

  test('sends a description of itself when it has no input', async () => {
    const { clock, create, events } = world()
    create()
    await clock.advance(0)
    expect(events[0]?.event).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      time: '2030-01-01T12:00:30Z',
      resources: [scheduleArn],
    })
  })

  test('tries a failed hand-over again, as often as its retry policy says', async () => {
    const DeadLetterConfig = { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' }
    const RetryPolicy = { MaximumRetryAttempts: 1 }
    const Target = {
      Arn: functionArn,
      RetryPolicy,
      DeadLetterConfig,
      Input: '{"attempt":"<aws.scheduler.attempt-number>"}',
    }
    const ScheduleExpression = 'at(2030-01-01T12:01:00)'
    const lucky = world({ failures: 1 })
    lucky.create({ ScheduleExpression, Target })
    await lucky.clock.advance(60_000)
    expect(lucky.events).toEqual([{ at: '2030-01-01T12:01:01', event: { attempt: '2' } }])
    const unlucky = world({ failures: 2 })
    unlucky.create({ ScheduleExpression, Target })
    await unlucky.clock.advance(60_000)
    expect(unlucky.events).toEqual([])
    expect(unlucky.lines.at(-1)).toMatch(/given up: Error: not yet/)
    expect(unlucky.buried).toEqual([[DeadLetterConfig.Arn, { attempt: '2' }]])
  })

  test('runs a real function', async () => {
    const clock = new WatchedClock()
    const lambda = startLambda({ clock })
    const { functionArn: Arn } = await addFunction(
      lambda,
      'export const handler = async ({ n }) => console.log("n", n)',
    )
    const scheduler = createScheduler({ clock, identity: IDENTITY, lambda })
    onTestFinished(() => scheduler.close())
    const ran = untilLine(lambda, 'n 1')
    scheduler.createSchedule(schedule({ Target: { Arn, Input: '{"n":1}' } }))
    await clock.advance(0)
    await ran
  })
})

describe('the Scheduler API', () => {
  async function api() {
    const { scheduler, clock, times } = world()
    const client = new SchedulerClient(await serve(scheduler.handle))
    const create = (properties: Partial<CreateScheduleCommandInput> = {}) =>
      client.send(new CreateScheduleCommand(schedule(properties) as CreateScheduleCommandInput))
    return { client, clock, times, create }
  }

  test('creates, reads, lists and deletes schedules', async () => {
    const { client, clock, times, create } = await api()
    const StartDate = new Date('2030-01-01T13:00:00Z')
    expect((await create({ StartDate })).ScheduleArn).toBe(scheduleArn)
    await create({ Name: 'other' })
    expect(await client.send(new GetScheduleCommand({ Name: 'sweep' }))).toMatchObject({
      Arn: scheduleArn,
      Name: 'sweep',
      GroupName: 'default',
      State: 'ENABLED',
      StartDate,
      CreationDate: new Date('2030-01-01T12:00:30Z'),
      ScheduleExpression: 'rate(1 minute)',
      Target: { Arn: functionArn, RetryPolicy: { MaximumRetryAttempts: 185 } },
    })
    const { Schedules } = await client.send(new ListSchedulesCommand({ NamePrefix: 'sw' }))
    expect(Schedules?.map(({ Name }) => Name)).toEqual(['sweep'])
    await client.send(new DeleteScheduleCommand({ Name: 'other' }))
    await clock.advance(3_600_000)
    expect(times()).toEqual(['2030-01-01T13:00:00'])
    await expect(client.send(new GetScheduleCommand({ Name: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  test('forgets a schedule that is complete when it shall', async () => {
    const { client, clock, create } = await api()
    await create({ ScheduleExpression: 'at(2030-01-01T12:01:00)', ActionAfterCompletion: 'DELETE' })
    await clock.advance(60_000)
    expect((await client.send(new ListSchedulesCommand({}))).Schedules).toEqual([])
  })

  test.each([
    ['an expression it cannot read', { ScheduleExpression: 'daily' }, 'ValidationException', /got daily/],
    [
      'a target that is no function',
      { Target: { Arn: 'arn:aws:sqs:a:b:c', RoleArn: 'r' } },
      'ValidationException',
      /got arn:aws:sqs/,
    ],
    [
      'a time zone that is none',
      { ScheduleExpression: 'at(2030-01-01T00:00:00)', ScheduleExpressionTimezone: 'Mars' },
      'ValidationException',
      /got Mars/,
    ],
  ])('refuses %s', async (_, properties, name, message) => {
    const { create } = await api()
    await expect(create(properties)).rejects.toMatchObject({ name, message: expect.stringMatching(message) })
  })

  test('refuses a second schedule of the same name', async () => {
    const { create } = await api()
    await create()
    await expect(create()).rejects.toMatchObject({ name: 'ConflictException' })
  })
})
