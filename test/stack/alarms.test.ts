import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { expect, test } from 'vitest'
import { publishChanges } from '../../engine/push/publish.ts'
import { AgentJobs } from '../../lib/agent-jobs.ts'
import { recordingLog } from '../engine/recording-log.ts'
import { newApp, newStack } from './synthesized-stack.ts'

const template = Template.fromStack(newStack())
const alarms = alarmsOf(template)
const waiting = 'ApproximateNumberOfMessagesVisible > 0'

test('alarms tell of dead letters, jobs that wait or fail, failures, and a stream that lags', () => {
  const told = Object.entries(alarms).map(([id, { MetricName, Threshold }]) => [id, `${MetricName} > ${Threshold}`])
  expect(Object.fromEntries(told)).toEqual({
    ...{ highDeadLetters: waiting, normalDeadLetters: waiting, lowDeadLetters: waiting },
    undelivered: waiting,
    ...{ highWaiting: 'WaitedSeconds > 240', normalWaiting: 'WaitedSeconds > 540', lowWaiting: 'WaitedSeconds > 7200' },
    failed: 'FailedJobs > 5',
    ...{ DispatchJobsErrors: 'Errors > 0', RunJobErrors: 'Errors > 0', PublishChangesErrors: 'Errors > 0' },
    SweepOverdueErrors: 'Errors > 0',
    DispatchJobsUndeliverable: 'DestinationDeliveryFailures > 0',
    PublishChangesUndeliverable: 'DestinationDeliveryFailures > 0',
    SweepOverdueMissed: 'InvocationsFailedToBeSentToDeadLetterCount > 0',
    SweepOverdueDropped: 'AsyncEventsDropped > 4',
    ...{ DispatchJobsIteratorAge: 'IteratorAge > 60000', PublishChangesIteratorAge: 'IteratorAge > 60000' },
  })
})

test("no alarm counts what other stacks' schedules and jobs do", () => {
  const [group] = Object.keys(template.findResources('AWS::Scheduler::ScheduleGroup'))
  expect(alarms.SweepOverdueMissed?.Dimensions).toEqual([{ Name: 'ScheduleGroup', Value: { Ref: group } }])
  const stack = new Stack(newApp(), 'Own')
  for (const id of ['Fast', 'Slow']) new AgentJobs(stack, id, { agents: 'agents/index.ts' })
  const namespaces = Object.values(Template.fromStack(stack).findResources('AWS::Logs::MetricFilter')).map(
    ({ Properties }) => Properties.MetricTransformations[0].MetricNamespace,
  )
  expect(new Set(namespaces)).toEqual(new Set(['AgentJobs/Own.Fast', 'AgentJobs/Own.Slow']))
})

test('each alarm sends to the topic that is given', () => {
  const stack = new Stack(newApp(), 'Own')
  const alarmTopic = new Topic(stack, 'Pager', { enforceSSL: true })
  const jobs = new AgentJobs(stack, 'Jobs', { agents: 'agents/index.ts', alarmTopic })
  const told = Object.values(alarmsOf(Template.fromStack(stack)))
  expect(told).toHaveLength(jobs.alarms.all.length)
  for (const { AlarmActions } of told) expect(AlarmActions).toEqual([{ Ref: expect.stringMatching('^Pager') }])
  for (const { AlarmActions } of Object.values(alarms)) expect(AlarmActions).toBeUndefined()
})

test('the alarm of failed jobs counts the line that the log has for each, but for what their submitters did wrong', async () => {
  const log = recordingLog()
  const clock = { now: () => 0 } as never
  const publisher = { mutate: async () => {}, clock, random: () => 0, log }
  const job = (id: string, status: string, code?: string) => {
    const error = code && { code, message: 'm', remediation: 'r', retryable: false }
    return { id, isGone: false, at: '2026-03-01T10:00:00.000Z', row: { id, queryType: 'ask', status, error } }
  }
  await publishChanges([job('a', 'FAILED', 'MODEL_FAILED'), job('b', 'COMPLETE'), job('c', 'PENDING', 'X')], publisher)
  const [line, ...others] = log.lines
  expect(others).toEqual([])
  const [, message, fields] = /^WARN (.*?) (\{.*\})/.exec(line ?? '') ?? []
  expect(JSON.parse(fields ?? '')).toMatchObject({ jobId: 'a', code: 'MODEL_FAILED' })
  const { FilterPattern } = filter('FailedJobs')
  expect(FilterPattern).toBe(`{ ($.message = "${message}") && ($.code != "INVALID_INPUT") && ($.code != "EXPIRED") }`)
})

test('the alarm of waiting jobs reads how long, by priority, off the log of the sweep', () => {
  const { FilterPattern, LogGroupName, MetricTransformations } = filter('WaitedSeconds')
  expect(FilterPattern).toBe('{ $.waitedSeconds > 0 }')
  expect(LogGroupName).toEqual({ Ref: expect.stringContaining('SweepOverdueLogs') })
  expect(MetricTransformations).toEqual([
    expect.objectContaining({
      MetricValue: '$.waitedSeconds',
      Dimensions: [{ Key: 'Priority', Value: '$.priority' }],
    }),
  ])
})

function alarmsOf(of: Template): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(of.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      id.replace(/^JobsAlarms|[0-9A-F]{8}$/g, ''),
      Properties,
    ]),
  )
}

function filter(metric: string) {
  const filters = Object.values(template.findResources('AWS::Logs::MetricFilter')).map(({ Properties }) => Properties)
  return filters.find(({ MetricTransformations }) => MetricTransformations[0].MetricName === metric)
}
