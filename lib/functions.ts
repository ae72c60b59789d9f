import { Duration } from 'aws-cdk-lib'
import { Grant, Role } from 'aws-cdk-lib/aws-iam'
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import type { AgentRegistry } from './agent-registry.ts'
import type { JobApi } from './api.ts'
import type { FunctionId, ReservedConcurrency } from './concurrency.ts'
import { JobFunction } from './engine-function.ts'
import { bundleFunctions, type FunctionBundle, type FunctionName, withAsset } from './function-bundles.ts'
import type { JobLimits } from './limits.ts'
import { grantModel, grantSubscription, type ModelId } from './model-access.ts'
import { type JobQueues, type QueueName, RUN_JOB_TIMEOUT } from './queues.ts'
import type { JobResults } from './results.ts'
import { schedulerOf } from './service-principals.ts'
import type { JobTables } from './tables.ts'

export interface JobFunctionsProps {
  readonly tables: JobTables
  readonly results: JobResults
  readonly queues: JobQueues
  readonly api: JobApi
  readonly registry: AgentRegistry
  readonly model: ModelId
  readonly previousModels: ModelId[]
  readonly marketplaceSubscription: boolean
  readonly maxConcurrency: Record<QueueName, number>
  readonly reservedConcurrency: ReservedConcurrency
  readonly limits: JobLimits
  readonly resultRetention: Duration
  readonly logRetention: RetentionDays
}

const isTurn = { sessionKey: { S: FilterRule.exists() } }
/** The changes that get a job going: it waits for a worker, or it is a turn that ended or went, and the next one waits. */
const DISPATCHED = [
  { dynamodb: { NewImage: { status: { S: FilterRule.isEqual('PENDING') } } } },
  { dynamodb: { NewImage: { status: { S: FilterRule.or('COMPLETE', 'FAILED', 'CANCELLED') }, ...isTurn } } },
  { eventName: FilterRule.isEqual('REMOVE'), dynamodb: { OldImage: isTurn } },
].map((pattern) => FilterCriteria.filter(pattern))

const LEASE_SECONDS = 60
const HEARTBEAT_SECONDS = 20

/** The engine: two functions that hand on what the stream says, one that runs jobs, one that finds what is late. */
export class JobFunctions extends Construct {
  readonly dispatchJobs: JobFunction
  readonly publishChanges: JobFunction
  readonly runJob: JobFunction
  readonly sweepOverdue: JobFunction
  /** The name of the group of the sweep's schedule, which has no other. */
  readonly scheduleGroup: string
  private readonly props: JobFunctionsProps
  private readonly bundles: Record<FunctionName, FunctionBundle>

  constructor(scope: Construct, id: string, props: JobFunctionsProps) {
    super(scope, id)
    this.props = props
    this.bundles = bundleFunctions(props.registry.path)
    // A group of its own: the scheduler counts by group, and takes a role on behalf of a group.
    this.scheduleGroup = new CfnScheduleGroup(this, 'Schedules').ref
    this.dispatchJobs = this.buildDispatchJobs()
    this.runJob = this.buildRunJob()
    this.publishChanges = this.buildPublishChanges()
    this.sweepOverdue = this.buildSweepOverdue()
    // An upgrade must not bring code that sends what the API does not take yet.
    for (const caller of [this.runJob, this.publishChanges])
      caller.node.defaultChild?.node.addDependency(props.api.resolvers)
  }

  get all(): JobFunction[] {
    return [this.dispatchJobs, this.runJob, this.publishChanges, this.sweepOverdue]
  }

  private buildDispatchJobs(): JobFunction {
    const { tables, queues } = this.props
    const queueUrls = queues.all.map(({ name, queue }) => [`QUEUE_URL_${name.toUpperCase()}`, queue.queueUrl])
    const dispatch = this.newFunction('dispatch-jobs', 'DispatchJobs', {
      description: 'Puts each job that waits to run into its queue.',
      timeout: Duration.seconds(30),
      memorySize: 512,
      environment: { ...this.endingEnvironment(), ...Object.fromEntries(queueUrls) },
    })
    for (const { queue } of queues.all) dispatch.allow(queue.queueArn, 'sqs:SendMessage')
    dispatch.allow(tables.jobs.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem')
    dispatch.allow(tables.sessions.tableArn, 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem')
    // The sweep dispatches again what was not claimed in five minutes, so nothing is lost by giving up after ten.
    this.readStream(dispatch, { maxRecordAge: Duration.minutes(10), filters: DISPATCHED })
    return dispatch
  }

  private buildPublishChanges(): JobFunction {
    const { api } = this.props
    const publish = this.newFunction('publish-changes', 'PublishChanges', {
      description: 'Pushes each change of a job to its subscribers.',
      timeout: Duration.seconds(30),
      memorySize: 512,
      environment: { GRAPHQL_URL: api.graphqlUrl },
    })
    api.grantMutation(publish, 'publishAgentJob', 'publishDeletedAgentJob')
    // A push that comes later than this finds nobody: a client that was away has read the job anew.
    this.readStream(publish, { maxRecordAge: Duration.minutes(15), parallelizationFactor: 10 })
    return publish
  }

  private buildRunJob(): JobFunction {
    const { tables, results, queues, api, model, previousModels, maxConcurrency, limits, marketplaceSubscription } =
      this.props
    const run = this.newFunction('run-job', 'RunJob', {
      description: 'Claims one job, runs its agent, and ends the job.',
      timeout: RUN_JOB_TIMEOUT,
      memorySize: 512,
      environment: {
        ...this.endingEnvironment(),
        EVENT_TABLE: tables.events.tableName,
        RESULT_BUCKET: results.bucket.bucketName,
        RESULT_BUCKET_DOMAIN: results.bucket.bucketRegionalDomainName,
        GRAPHQL_URL: api.graphqlUrl,
        MODEL_ID: model.id,
        LEASE_SECONDS: String(LEASE_SECONDS),
        HEARTBEAT_SECONDS: String(HEARTBEAT_SECONDS),
        STALL_SECONDS: String(limits.stall.toSeconds()),
        DEFAULT_TIMEOUT_SECONDS: String(limits.timeout.toSeconds()),
      },
    })
    run.allow(tables.jobs.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem')
    run.allow(tables.sessions.tableArn, 'dynamodb:GetItem')
    run.allow(tables.events.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem')
    results.grant(run.executionRole, 's3:PutObject')
    api.grantMutation(run, 'appendAgentJobEvent')
    for (const each of [model, ...previousModels]) grantModel(run, each)
    if (marketplaceSubscription) grantSubscription(run)
    for (const { name, queue } of queues.all) {
      run.addEventSource(
        new SqsEventSource(queue, {
          batchSize: 1,
          maxConcurrency: maxConcurrency[name],
          reportBatchItemFailures: true,
        }),
      )
    }
    return run
  }

  private buildSweepOverdue(): JobFunction {
    const { tables } = this.props
    const sweep = this.newFunction('sweep-overdue', 'SweepOverdue', {
      description: 'Sets every job going again that is late.',
      timeout: Duration.seconds(55),
      memorySize: 256,
      environment: this.endingEnvironment(),
    })
    sweep.allow(tables.indexArn('byDue'), 'dynamodb:Query')
    sweep.allow(tables.jobs.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem')
    sweep.allow(tables.sessions.tableArn, 'dynamodb:GetItem')
    // The scheduler invokes asynchronously, which Lambda would try again for hours; the next minute brings the next sweep.
    sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    this.scheduleEachMinute(sweep)
    return sweep
  }

  private scheduleEachMinute(sweep: JobFunction): void {
    const { queues } = this.props
    const role = new Role(this, 'SweepScheduleRole', { assumedBy: schedulerOf(this, this.scheduleGroup) })
    sweep.grantInvokeLatestVersion(role)
    Grant.addToPrincipal({ grantee: role, actions: ['sqs:SendMessage'], resourceArns: [queues.undelivered.queueArn] })
    const schedule = new CfnSchedule(this, 'SweepSchedule', {
      groupName: this.scheduleGroup,
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: sweep.functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: queues.undelivered.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
      },
    })
    // A rate runs at once, and must find its role allowed to call the function.
    schedule.node.addDependency(role)
  }

  private newFunction(
    name: FunctionName,
    id: Capitalize<FunctionId>,
    props: { description: string; timeout: Duration; memorySize: number; environment: Record<string, string> },
  ): JobFunction {
    const { logRetention, reservedConcurrency } = this.props
    const reservedConcurrentExecutions = reservedConcurrency[(id[0]?.toLowerCase() + id.slice(1)) as FunctionId]
    return withAsset(
      name,
      this.bundles[name],
      (code) => new JobFunction(this, id, { ...props, logRetention, reservedConcurrentExecutions, code }),
    )
  }

  /** What each function that may end a job has to know. */
  private endingEnvironment(): Record<string, string> {
    return {
      JOB_TABLE: this.props.tables.jobs.tableName,
      SESSION_TABLE: this.props.tables.sessions.tableName,
      DEFAULT_MAX_ATTEMPTS: String(this.props.limits.attempts),
      RESULT_TTL_SECONDS: String(this.props.resultRetention.toSeconds()),
    }
  }

  // Not a DynamoEventSource, which asks for the streams of all tables of the account.
  private readStream(
    reader: JobFunction,
    options: { maxRecordAge: Duration; parallelizationFactor?: number; filters?: Record<string, unknown>[] },
  ): void {
    const { tables, queues } = this.props
    const streamArn = tables.jobs.tableStreamArn
    if (!streamArn) throw new Error('The table of jobs must have a stream')
    const read = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams']
    reader.allow(streamArn, ...read.map((action) => `dynamodb:${action}`))
    reader.allow(queues.undelivered.queueArn, 'sqs:SendMessage')
    reader.addEventSourceMapping('Stream', {
      ...options,
      eventSourceArn: streamArn,
      // Not LATEST: a job that is written while the mapping is made would be missed.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      reportBatchItemFailures: true,
      // One record that cannot be handed on must not hold up the others of its shard for long.
      bisectBatchOnError: true,
      // The age of a record is what ends its retries; this is only the bound of a failure that comes back at once.
      retryAttempts: 100,
      onFailure: { bind: () => ({ destination: queues.undelivered.queueArn }) },
    })
  }
}
