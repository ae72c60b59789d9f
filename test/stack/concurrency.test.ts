import { Duration } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { newStack, readable } from './synthesized-stack.ts'

const template = Template.fromStack(newStack())

describe('functions', () => {
  test('run-job takes one message at a time from each queue, up to the limit of that queue', () => {
    expect(concurrencyOf(template)).toEqual({ High: 2, Normal: 2, Low: 2 })
    const stack = newStack({ maxConcurrency: { low: 2, high: 7 }, resultRetention: Duration.days(1) })
    const changed = Template.fromStack(stack)
    expect(concurrencyOf(changed)).toEqual({ High: 7, Normal: 2, Low: 2 })
    expect(JSON.stringify(changed).match(/"RESULT_TTL_SECONDS":"86400"/g)).toHaveLength(4)
  })

  test('leave room for each other in an account of ten concurrent Lambdas, unless more is asked for', () => {
    const taken = Object.values(concurrencyOf(template)).reduce((sum, limit) => sum + limit, 0)
    expect(taken).toBeLessThan(10)
    template.allResourcesProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: Match.absent() })
    const raised = Template.fromStack(
      newStack({
        maxConcurrency: 100,
        reservedConcurrency: { runJob: 400, publishChanges: 40, dispatchJobs: 4, sweepOverdue: 1 },
      }),
    )
    expect(new Set(Object.values(concurrencyOf(raised)))).toEqual(new Set([100]))
    const reserved = Object.entries(raised.findResources('AWS::Lambda::Function')).map(([id, { Properties }]) => [
      id.replace(/^JobsFunctions|[0-9A-F]{8}$/g, ''),
      Properties.ReservedConcurrentExecutions,
    ])
    expect(Object.fromEntries(reserved)).toEqual({ RunJob: 400, PublishChanges: 40, DispatchJobs: 4, SweepOverdue: 1 })
  })
})

function concurrencyOf(of: Template): Record<string, number> {
  const readers = Object.values(of.findResources('AWS::Lambda::EventSourceMapping')).filter(
    ({ Properties }) => Properties.ScalingConfig,
  )
  return Object.fromEntries(
    readers.map(({ Properties }) => {
      expect(Properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] })
      return [readable(Properties.EventSourceArn), Properties.ScalingConfig.MaximumConcurrency]
    }),
  )
}
