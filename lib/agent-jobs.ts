import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { loadAgents } from './agent-registry.ts'
import { JobAlarms } from './alarms.ts'
import { JobApi } from './api.ts'
import { JobFunctions } from './functions.ts'
import { checkLimits } from './limits.ts'
import { DEFAULT_MODEL_ID, parseModelId } from './model-access.ts'
import { JobOutputs } from './outputs.ts'
import { JobQueues, type QueueName } from './queues.ts'
import { JobResults } from './results.ts'
import { JobTables } from './tables.ts'

export interface AgentJobsProps {
  /** The module that exports `agents`, as a path from the folder in which cdk runs. */
  readonly agents: string
  /**
   * The Bedrock model, or cross-region inference profile, that agents talk to.
   * @default global.anthropic.claude-haiku-5-5
   */
  readonly modelId?: string
  /**
   * How often a job is begun whose worker is lost or whose agent asks for another try, from 1 to 20, unless the job
   * (`maxAttempts`) or its agent (`retry`) says otherwise.
   * @default 3
   */
  readonly attempts?: number
  /**
   * How long a job may run in all, from a second to a day, unless the job (`timeoutSeconds`) or its agent (`timeout`) says
   * otherwise.
   * @default 15 minutes
   */
  readonly timeout?: Duration
  /**
   * How long the model may be silent before it is asked again, from a second to an hour, unless the agent (`stall`) says
   * otherwise.
   * @default 1 minute
   */
  readonly stall?: Duration
  /**
   * Whose users may submit jobs, such as the user pool of an Amplify app. Those in its group `admins` see all jobs.
   * @default a new user pool, into which the owner of the stack puts the users
   */
  readonly userPool?: IUserPool
  /**
   * The app client of `userPool` that front ends sign in with.
   * @default a new one
   */
  readonly userPoolClient?: IUserPoolClient
  /**
   * How many jobs of each queue may run at once, from 2 to 1000. What is over it waits in its queue.
   * @default high 100, normal 250, low 50, sessions 100
   */
  readonly maxConcurrency?: Partial<Record<QueueName, number>>
  /**
   * How long an ended job and its events are kept when its owner asked for nothing else. A result over 200 KB is kept for
   * so long, in whole days, whatever its owner asked for.
   * @default 7 days
   */
  readonly resultRetention?: Duration
  /** @default one month */
  readonly logRetention?: RetentionDays
  /**
   * What becomes of the tables, the bucket and the user pool when the stack is deleted. A bucket must be emptied first.
   * @default RETAIN
   */
  readonly removalPolicy?: RemovalPolicy
}

const MAX_CONCURRENCY: Record<QueueName, number> = { high: 100, normal: 250, low: 50, sessions: 100 }

/** Agent jobs as one building block, in the order a job takes: API, table, stream, queue, worker, and back by the stream. */
export class AgentJobs extends Construct {
  /** `tables.jobs` is the truth about every job, `tables.events` what happened while each ran. */
  readonly tables: JobTables
  /** The bucket of the results that are too large for a row. */
  readonly results: JobResults
  /** Where jobs wait for a worker, and where what could not be handled lies. */
  readonly queues: JobQueues
  /** The GraphQL API, and who may use it. */
  readonly api: JobApi
  readonly functions: JobFunctions
  /** Give them their actions: `for (const alarm of jobs.alarms.all) alarm.addAlarmAction(…)`. */
  readonly alarms: JobAlarms
  /** What the stack puts out, under `<path of this construct><name>`. */
  readonly outputs: JobOutputs
  /** The Bedrock model, or inference profile, that agents talk to. */
  readonly modelId: string

  constructor(scope: Construct, id: string, props: AgentJobsProps) {
    super(scope, id)
    const { resultRetention = Duration.days(7), logRetention = RetentionDays.ONE_MONTH } = props
    const { removalPolicy = RemovalPolicy.RETAIN, modelId = DEFAULT_MODEL_ID } = props
    const maxConcurrency = checkConcurrency({ ...MAX_CONCURRENCY, ...props.maxConcurrency })
    const limits = checkLimits(props)
    const registry = loadAgents(props.agents)
    const model = parseModelId(modelId)
    this.modelId = modelId

    this.tables = new JobTables(this, 'Tables', { removalPolicy })
    this.results = new JobResults(this, 'Results', { resultRetention, removalPolicy })
    this.queues = new JobQueues(this, 'Queues')
    const { tables, results, queues } = this
    this.api = new JobApi(this, 'Api', {
      tables,
      results,
      registry,
      resultRetention,
      logRetention,
      removalPolicy,
      userPool: props.userPool,
      userPoolClient: props.userPoolClient,
    })
    const { api } = this
    this.functions = new JobFunctions(this, 'Functions', {
      tables,
      results,
      queues,
      api,
      registry,
      model,
      maxConcurrency,
      limits,
      resultRetention,
      logRetention,
    })
    this.alarms = new JobAlarms(this, 'Alarms', { queues, functions: this.functions })
    this.outputs = new JobOutputs(this, 'Outputs', {
      GraphQLUrl: api.graphqlUrl,
      RealtimeUrl: api.realtimeUrl,
      UserPoolId: api.users.pool.userPoolId,
      UserPoolClientId: api.users.client.userPoolClientId,
      Region: Stack.of(this).region,
      AgentJobTableName: tables.jobs.tableName,
      AgentJobEventTableName: tables.events.tableName,
      ResultBucketName: results.bucket.bucketName,
      ModelId: modelId,
    })
  }
}

function checkConcurrency(limits: Record<QueueName, number>): Record<QueueName, number> {
  for (const [queue, limit] of Object.entries(limits)) {
    // Lambda's own range for the maximum concurrency of a queue.
    if (!Number.isInteger(limit) || limit < 2 || limit > 1000) {
      throw new Error(`maxConcurrency.${queue} must be a whole number from 2 to 1000, got ${limit}`)
    }
  }
  return limits
}
