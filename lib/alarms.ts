import { Duration, Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { FilterPattern, type IFilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { JobFunction } from './engine-function.ts'
import type { JobFunctions } from './functions.ts'
import { nameInStack } from './outputs.ts'
import type { JobQueues } from './queues.ts'

/**
 * How long a job may stay due, and untouched, before it is worth a look. The sweep looks 5, 15, 35, 75, 155, 315 … minutes
 * after it was due and touches it each time, so this begins to tell after 5 minutes, 15 minutes and 5 hours in all.
 */
const WAITED = { HIGH: Duration.minutes(4), NORMAL: Duration.minutes(9), LOW: Duration.hours(2) }

/** Of failures that the stack's owner can do something about: more of them in a quarter of an hour than one bad job makes. */
const FAILED_JOBS = 5
/** What the job's submitter did wrong or asked for. */
const OWN_FAULTS = ['INVALID_INPUT', 'EXPIRED']

/** Of five sweeps in five minutes. */
const DROPPED_SWEEPS = 4

/** What tells that jobs do not flow. All send to `alarmTopic`, or to what is added: `for (const alarm of jobs.alarms.all) …`. */
export class JobAlarms extends Construct {
  readonly all: Alarm[] = []
  private readonly topic?: ITopic
  /** Metrics of logs have no dimension that says whose they are. */
  private readonly namespace: string

  constructor(
    scope: Construct,
    id: string,
    props: { queues: JobQueues; functions: JobFunctions; alarmTopic?: ITopic },
  ) {
    super(scope, id)
    const { queues, functions, alarmTopic } = props
    this.topic = alarmTopic
    this.namespace = `AgentJobs/${Stack.of(this).stackName}.${nameInStack(scope)}`
    for (const { name, deadLetters } of queues.all) {
      this.anyMessage(`${name}DeadLetters`, deadLetters.metricApproximateNumberOfMessagesVisible())
    }
    this.anyMessage('undelivered', queues.undelivered.metricApproximateNumberOfMessagesVisible())
    this.waiting(functions.sweepOverdue)
    this.failedJobs(functions.publishChanges)
    for (const each of functions.all) this.over(`${each.node.id}Errors`, 0, each.metricErrors(), 'Failed invocations.')
    for (const reader of [functions.dispatchJobs, functions.publishChanges]) {
      const lag = Duration.minutes(1).toMilliseconds()
      this.over(`${reader.node.id}IteratorAge`, lag, iteratorAge(reader), 'Changes of jobs wait in the stream.')
      this.over(`${reader.node.id}Undeliverable`, 0, deliveryFailures(reader), 'Lost word of records given up.')
    }
    const missed = 'The scheduler could leave no word of a sweep it could not start.'
    this.over('SweepOverdueMissed', 0, lostSchedules(functions.scheduleGroup), missed)
    const dropped = functions.sweepOverdue.metric('AsyncEventsDropped', { statistic: 'Sum' })
    this.over(
      'SweepOverdueDropped',
      DROPPED_SWEEPS,
      dropped,
      'No sweep found a free Lambda: raise the quota of concurrency.',
    )
  }

  // Not the age of a queue's oldest message, which counts those that are being worked on for hours, or that a worker which
  // died has left behind. The sweep sees the jobs themselves, also those whose message was lost.
  private waiting(sweep: JobFunction): void {
    const pattern = FilterPattern.numberValue('$.waitedSeconds', '>', 0)
    const metric = this.metricOfLog(sweep, 'WaitedSeconds', pattern, {
      metricValue: '$.waitedSeconds',
      dimensions: { Priority: '$.priority' },
    })
    for (const [priority, waited] of Object.entries(WAITED)) {
      const of = metric.with({ dimensionsMap: { Priority: priority }, statistic: 'Maximum' })
      const description = 'Jobs are due and nobody takes them: raise maxConcurrency, or look at run-job and its queue.'
      this.over(`${priority.toLowerCase()}Waiting`, waited.toSeconds(), of, description)
    }
  }

  // The stream tells of each job that failed, whoever ended it; an invocation that ends its job as FAILED is no failed one.
  private failedJobs(publish: JobFunction): void {
    const pattern = FilterPattern.all(
      FilterPattern.stringValue('$.message', '=', 'A job failed'),
      ...OWN_FAULTS.map((code) => FilterPattern.stringValue('$.code', '!=', code)),
    )
    const metric = this.metricOfLog(publish, 'FailedJobs', pattern, { metricValue: '1' })
    const of = metric.with({ statistic: 'Sum', period: Duration.minutes(15) })
    this.over('failed', FAILED_JOBS, of, 'Jobs end as FAILED: their rows say why, in error.code and error.remediation.')
  }

  private metricOfLog(
    of: JobFunction,
    metricName: string,
    filterPattern: IFilterPattern,
    value: { metricValue: string; dimensions?: Record<string, string> },
  ): Metric {
    const metricNamespace = this.namespace
    new MetricFilter(this, metricName, { logGroup: of.logGroup, filterPattern, metricNamespace, metricName, ...value })
    return new Metric({ namespace: metricNamespace, metricName })
  }

  private anyMessage(id: string, metric: IMetric): void {
    this.over(id, 0, metric, 'Messages that could not be handled; what they say of is still in the table.')
  }

  private over(id: string, threshold: number, metric: IMetric, alarmDescription: string): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    if (this.topic) alarm.addAlarmAction(new SnsAction(this.topic))
    this.all.push(alarm)
  }
}

/** Of records that a stream function gave up on, and that then did not reach the undelivered queue either. */
function deliveryFailures(reader: JobFunction): Metric {
  return reader.metric('DestinationDeliveryFailures', { statistic: 'Sum' })
}

/** The scheduler counts by group only. */
function lostSchedules(group: string): Metric {
  return new Metric({
    namespace: 'AWS/Scheduler',
    metricName: 'InvocationsFailedToBeSentToDeadLetterCount',
    dimensionsMap: { ScheduleGroup: group },
    statistic: 'Sum',
  })
}

function iteratorAge(reader: JobFunction): Metric {
  return reader.metric('IteratorAge', { statistic: 'Maximum' })
}
