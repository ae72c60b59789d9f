import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { JobFunction } from './engine-function.ts'
import type { JobFunctions } from './functions.ts'
import type { JobQueues, QueueName } from './queues.ts'

/** How long a message may wait before it is worth a look. */
const OLDEST_MESSAGE: Record<QueueName, Duration> = {
  high: Duration.minutes(5),
  normal: Duration.minutes(15),
  low: Duration.hours(6),
  sessions: Duration.minutes(30),
}

/** What tells that jobs do not flow. Give the alarms their actions: `for (const alarm of jobs.alarms.all) alarm.addAlarmAction(…)`. */
export class JobAlarms extends Construct {
  readonly all: Alarm[] = []

  constructor(scope: Construct, id: string, props: { queues: JobQueues; functions: JobFunctions }) {
    super(scope, id)
    const { queues, functions } = props
    for (const { name, queue, deadLetters } of queues.all) {
      this.anyMessage(`${name}DeadLetters`, deadLetters.metricApproximateNumberOfMessagesVisible())
      this.over(`${name}OldestMessage`, OLDEST_MESSAGE[name].toSeconds(), queue.metricApproximateAgeOfOldestMessage())
    }
    this.anyMessage('undelivered', queues.undelivered.metricApproximateNumberOfMessagesVisible())
    for (const each of functions.all) this.over(`${each.node.id}Errors`, 0, each.metricErrors(), 'Failed invocations.')
    for (const reader of [functions.dispatchJobs, functions.publishChanges]) {
      const lag = Duration.minutes(1).toMilliseconds()
      this.over(`${reader.node.id}IteratorAge`, lag, iteratorAge(reader), 'Changes of jobs wait in the stream.')
      this.over(`${reader.node.id}Undeliverable`, 0, deliveryFailures(reader), 'Lost word of records given up.')
    }
    this.over(
      'SweepOverdueMissed',
      0,
      lostSchedules(),
      'The scheduler could leave no word of a sweep it could not start.',
    )
  }

  private anyMessage(id: string, metric: IMetric): void {
    this.over(id, 0, metric, 'Messages that could not be handled; what they say of is still in the table.')
  }

  private over(id: string, threshold: number, metric: IMetric, alarmDescription?: string): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    this.all.push(alarm)
  }
}

/** Of records that a stream function gave up on, and that then did not reach the undelivered queue either. */
function deliveryFailures(reader: JobFunction): Metric {
  return reader.metric('DestinationDeliveryFailures', { statistic: 'Sum' })
}

/** Of the account's default group of schedules: the scheduler counts by group only. */
function lostSchedules(): Metric {
  return new Metric({
    namespace: 'AWS/Scheduler',
    metricName: 'InvocationsFailedToBeSentToDeadLetterCount',
    dimensionsMap: { ScheduleGroup: 'default' },
    statistic: 'Sum',
  })
}

function iteratorAge(reader: JobFunction): Metric {
  return reader.metric('IteratorAge', { statistic: 'Maximum' })
}
