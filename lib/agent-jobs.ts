import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { loadAgents } from './agent-registry.ts'
import { JobAlarms } from './alarms.ts'
import { JobApi } from './api.ts'
import {
  checkMaxConcurrency,
  checkReservedConcurrency,
  type MaxConcurrency,
  type ReservedConcurrency,
} from './concurrency.ts'
import { JobFunctions } from './functions.ts'
import { checkLimits } from './limits.ts'
import { checkModelSettings, DEFAULT_MODEL_ID, parseModelId } from './model-access.ts'
import { JobOutputs } from './outputs.ts'
import type { OwnerLimits } from './owner-limits.ts'
import { JobQueues } from './queues.ts'
import { JobResults } from './results.ts'
import { JobTables } from './tables.ts'
import { JobWebAcl, type WebAclLimits } from './web-acl.ts'

export interface AgentJobsProps {
  /** The module that exports `agents`, as a path from the folder in which cdk runs. */
  readonly agents: string
  /**
   * The Bedrock model that agents talk to: its id, that of a cross-region inference profile, or the ARN of an application
   * inference profile, by whose tags costs are told apart.
   * @default global.anthropic.claude-haiku-5-5
   */
  readonly modelId?: string
  /**
   * Models that workers may still ask beside `modelId`: those of the last deploy, for one deploy. A worker that runs while
   * the model is changed knows the old one only, for up to 15 minutes.
   * @default none: such a worker's jobs wait until a new worker takes them up
   */
  readonly previousModelIds?: string[]
  /**
   * Lets workers subscribe the account to the model in AWS Marketplace with their first call, as models of other providers
   * than Amazon need it once for each account. Without it an admin opens the model once in the playground of the Bedrock
   * console. Anthropic's use case form has to be filled in by hand either way.
   * @default false
   */
  readonly marketplaceSubscription?: boolean
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
   * otherwise. It is waited for longer where a long answer (`maxTokens`) may come in one piece: a second for 40 tokens.
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
   * The identity pool that the app's users get AWS credentials of, such as an Amplify app's. The API has no use for it: it is
   * put out, for amplify_outputs.json.
   * @default none
   */
  readonly identityPoolId?: string
  /**
   * How many jobs of each queue may run at once, from 2 to 1000: one number for each of them, or a number for some. What is
   * over it waits in its queue. A new AWS account has ten concurrent Lambdas in all; raise this when yours has more.
   * @default 2
   */
  readonly maxConcurrency?: MaxConcurrency
  /**
   * Concurrent Lambdas that are set aside for a function, and are all that it may have. For `dispatchJobs`,
   * `publishChanges` (ten for each shard of the stream at most) and `sweepOverdue` (one) it keeps jobs moving and seen while
   * other functions of the account take the rest; for `runJob` it must be as much as `maxConcurrency` in all. A new account
   * refuses any: Lambda keeps a part of an account unreserved.
   * @default none
   */
  readonly reservedConcurrency?: ReservedConcurrency
  /**
   * How long an ended job and its events are kept when its owner asked for nothing else. A result over 200 KB is kept for
   * so long, in whole days, whatever its owner asked for.
   * @default 7 days
   */
  readonly resultRetention?: Duration
  /**
   * An AWS WAF web ACL before the API, which refuses more requests than these from one token or one address. It costs some $7 a
   * month and $0.60 a million requests. `{}` takes the defaults.
   * @default none
   */
  readonly webAcl?: WebAclLimits
  /**
   * Whom the alarms tell: of jobs that wait or fail, of messages that nobody could handle, of functions that fail or lag.
   * @default nobody: the alarms can be seen in CloudWatch
   */
  readonly alarmTopic?: ITopic
  /**
   * What one owner may have: jobs at once, jobs a minute, and who may ask for priority HIGH.
   * @default 1000 jobs at once, 300 a minute, HIGH for everybody
   */
  readonly ownerLimits?: OwnerLimits
  /**
   * Whether users may ask the API for its schema, as code generators and API explorers do. It is the same for every
   * deployment of this package, so that no secret lies in it.
   * @default true
   */
  readonly introspection?: boolean
  /** @default one month */
  readonly logRetention?: RetentionDays
  /**
   * What becomes of the tables, the bucket and the user pool when the stack is deleted, or one of them is replaced. A bucket
   * must be emptied before it can be destroyed.
   * @default RETAIN_ON_UPDATE_OR_DELETE: they are kept, but a first deploy that fails leaves nothing behind
   */
  readonly removalPolicy?: RemovalPolicy
}

/** Agent jobs as one building block, in the order a job takes: API, table, stream, queue, worker, and back by the stream. */
export class AgentJobs extends Construct {
  /** `tables.jobs` is the truth about every job, `tables.events` what happened while each ran, `tables.sessions` the order of turns. */
  readonly tables: JobTables
  /** The bucket of the results that are too large for a row. */
  readonly results: JobResults
  /** Where jobs wait for a worker, and where what could not be handled lies. */
  readonly queues: JobQueues
  /** The GraphQL API, and who may use it. */
  readonly api: JobApi
  readonly functions: JobFunctions
  /** What `alarmTopic` is told of. For other actions: `for (const alarm of jobs.alarms.all) alarm.addAlarmAction(…)`. */
  readonly alarms: JobAlarms
  /** What the stack puts out, under `<path of this construct><name>`. */
  readonly outputs: JobOutputs
  /** The Bedrock model, or inference profile, that agents talk to. */
  readonly modelId: string

  constructor(scope: Construct, id: string, props: AgentJobsProps) {
    super(scope, id)
    const { resultRetention = Duration.days(7), logRetention = RetentionDays.ONE_MONTH } = props
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, modelId = DEFAULT_MODEL_ID } = props
    const maxConcurrency = checkMaxConcurrency(props.maxConcurrency)
    const reservedConcurrency = checkReservedConcurrency(props.reservedConcurrency, maxConcurrency)
    const limits = checkLimits(props)
    const registry = loadAgents(props.agents)
    const model = parseModelId(modelId)
    const previousModels = (props.previousModelIds ?? []).map(parseModelId)
    checkModelSettings(modelId, registry)
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
      introspection: props.introspection ?? true,
      ownerLimits: props.ownerLimits,
    })
    const { api } = this
    if (props.webAcl) new JobWebAcl(this, 'Firewall', { apiArn: api.arn, limits: props.webAcl })
    this.functions = new JobFunctions(this, 'Functions', {
      tables,
      results,
      queues,
      api,
      registry,
      model,
      previousModels,
      marketplaceSubscription: props.marketplaceSubscription ?? false,
      maxConcurrency,
      reservedConcurrency,
      limits,
      resultRetention,
      logRetention,
    })
    this.alarms = new JobAlarms(this, 'Alarms', { queues, functions: this.functions, alarmTopic: props.alarmTopic })
    this.outputs = new JobOutputs(this, 'Outputs', {
      GraphQLUrl: api.graphqlUrl,
      RealtimeUrl: api.realtimeUrl,
      UserPoolId: api.users.pool.userPoolId,
      UserPoolClientId: api.users.client.userPoolClientId,
      ScriptClientId: api.users.scriptClient?.userPoolClientId,
      SignInForm: api.users.formSettings,
      IdentityPoolId: props.identityPoolId,
      Region: Stack.of(this).region,
      AgentJobTableName: tables.jobs.tableName,
      AgentJobEventTableName: tables.events.tableName,
      ResultBucketName: results.bucket.bucketName,
      ModelId: modelId,
    })
  }
}
