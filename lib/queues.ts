import { Duration, Stack, Tags, Validations } from 'aws-cdk-lib'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { nameInStack } from './outputs.ts'

/** The queues a job can wait in, by its priority. */
export type QueueName = 'high' | 'normal' | 'low'

/** How long `run-job` may take; the queues hide a message for six times as long, as AWS advises. */
export const RUN_JOB_TIMEOUT = Duration.minutes(15)

/** By these tags a command finds a queue, whose name is CloudFormation's. */
const QUEUE_TAGS = { queue: 'agent-jobs:queue', set: 'agent-jobs:set' }

export interface JobQueue {
  readonly name: QueueName
  readonly queue: Queue
  readonly deadLetters: Queue
}

export class JobQueues extends Construct {
  readonly all: JobQueue[]
  /** Where a stream function leaves word of records it gave up on, and the scheduler of a sweep it could not start. */
  readonly undelivered: Queue

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.all = [this.jobQueue('high', 'High'), this.jobQueue('normal', 'Normal'), this.jobQueue('low', 'Low')]
    this.undelivered = this.queue('Undelivered', { retentionPeriod: Duration.days(14) })
    const set = `${Stack.of(this).stackName}.${nameInStack(scope)}`
    for (const { name, queue } of [...this.all, { name: 'undelivered', queue: this.undelivered }]) {
      Tags.of(queue).add(QUEUE_TAGS.queue, name)
      Tags.of(queue).add(QUEUE_TAGS.set, set)
    }
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the last stop of the stream functions and the scheduler; nothing consumes it.',
    })
  }

  private jobQueue(name: QueueName, id: string): JobQueue {
    const deadLetters = this.queue(`${id}DeadLetters`, { retentionPeriod: Duration.days(14) })
    const queue = this.queue(id, {
      // AWS advises six times the function's time-out, which leaves room for throttled invocations.
      visibilityTimeout: Duration.seconds(6 * RUN_JOB_TIMEOUT.toSeconds()),
      // The message only says "look at this job": the table knows the attempts, and the sweep brings back what is lost.
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    })
    return { name, queue, deadLetters }
  }

  private queue(id: string, props: QueueProps): Queue {
    return new Queue(this, id, { ...props, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true })
  }
}
