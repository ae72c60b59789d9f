import { type Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import {
  AuthorizationType,
  type BaseDataSource,
  type CfnGraphQLApi,
  DynamoDbDataSource,
  FieldLogLevel,
  GraphqlApi,
  HttpDataSource,
  IntrospectionConfig,
} from 'aws-cdk-lib/aws-appsync'
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { Grant, type IGrantable, Role } from 'aws-cdk-lib/aws-iam'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { AgentRegistry } from './agent-registry.ts'
import { inputRules } from './input-rules.ts'
import { checkOwnerLimits, type OwnerLimits } from './owner-limits.ts'
import { JobResolvers } from './resolvers.ts'
import type { JobResults } from './results.ts'
import { schemaDefinition } from './schema.ts'
import { appSyncOf } from './service-principals.ts'
import type { JobTables } from './tables.ts'
import { JobUsers } from './users.ts'

export interface JobApiProps {
  readonly tables: JobTables
  readonly results: JobResults
  readonly registry: AgentRegistry
  readonly resultRetention: Duration
  readonly logRetention: RetentionDays
  readonly removalPolicy: RemovalPolicy
  readonly userPool?: IUserPool
  readonly userPoolClient?: IUserPoolClient
  readonly introspection: boolean
  readonly ownerLimits?: OwnerLimits
}

/** The GraphQL API: owners come in with the token of a user pool, the backend with its role. */
export class JobApi extends Construct {
  readonly users: JobUsers
  readonly arn: string
  readonly graphqlUrl: string
  readonly realtimeUrl: string
  readonly resolvers: JobResolvers
  private readonly api: GraphqlApi

  constructor(scope: Construct, id: string, props: JobApiProps) {
    super(scope, id)
    const { tables, results, registry, removalPolicy, userPool, userPoolClient } = props
    this.users = new JobUsers(this, 'Users', { removalPolicy, userPool, userPoolClient })
    this.api = new GraphqlApi(this, 'GraphQL', {
      name: Stack.of(this).stackName,
      definition: schemaDefinition(),
      authorizationConfig: {
        defaultAuthorization: {
          authorizationType: AuthorizationType.USER_POOL,
          userPoolConfig: { userPool: this.users.pool },
        },
        additionalAuthorizationModes: [{ authorizationType: AuthorizationType.IAM }],
      },
      // Many aliases in one request would be many reads for the price of one. The schema has no circle, so that no limit of
      // depth is needed; one would stand in the way of introspection, which is 13 levels deep.
      resolverCountLimit: 10,
      introspectionConfig: props.introspection ? IntrospectionConfig.ENABLED : IntrospectionConfig.DISABLED,
      environmentVariables: {
        AGENT_JOB_TABLE: tables.jobs.tableName,
        RESULT_TTL_SECONDS: String(props.resultRetention.toSeconds()),
        OWNER_LIMITS: JSON.stringify(checkOwnerLimits(props.ownerLimits)),
      },
    })
    const cfnApi = this.api.node.defaultChild as CfnGraphQLApi
    this.arn = cfnApi.attrArn
    this.graphqlUrl = cfnApi.attrGraphQlUrl
    this.realtimeUrl = cfnApi.attrRealtimeUrl
    this.logTo(cfnApi, props.logRetention)

    const inputRulesByAgent = Object.entries(registry.inputSchemas).map(([name, schema]) => [name, inputRules(schema)])
    this.resolvers = new JobResolvers(this, 'Resolvers', {
      api: this.api,
      dataSources: {
        AgentJob: this.jobSource(tables),
        AgentJobEvent: this.eventSource(tables),
        AgentJobSession: this.sessionSource(tables),
        Results: this.resultSource(results),
        None: this.api.addNoneDataSource('None', { name: 'None' }),
      },
      inputRules: Object.fromEntries(inputRulesByAgent),
    })
  }

  /** Lets a function of the backend call these mutations, and no other field. */
  grantMutation(grantee: IGrantable, ...fields: [string, ...string[]]): void {
    this.api.grantMutation(grantee, ...fields)
  }

  private jobSource(tables: JobTables): BaseDataSource {
    const { source, role } = this.tableSource('AgentJob', tables.jobs)
    // Scan is the list of an admin, who sees every owner's jobs.
    grant(role, tables.jobs.tableArn, 'GetItem', 'PutItem', 'UpdateItem', 'BatchGetItem', 'Scan')
    grant(role, tables.indexArn('byOwner'), 'Query')
    grant(role, tables.indexArn('byOpenOwner'), 'Query')
    return source
  }

  private eventSource(tables: JobTables): BaseDataSource {
    const { source, role } = this.tableSource('AgentJobEvent', tables.events)
    // GetItem: after a Put whose condition fails, AppSync reads the item to see whether the same event stands there already.
    grant(role, tables.events.tableArn, 'GetItem', 'PutItem', 'Query')
    return source
  }

  private sessionSource(tables: JobTables): BaseDataSource {
    const { source, role } = this.tableSource('AgentJobSession', tables.sessions)
    // GetItem: after an update whose condition fails, AppSync reads the item.
    grant(role, tables.sessions.tableArn, 'GetItem', 'UpdateItem')
    return source
  }

  /** S3 itself, whose objects AppSync asks for as any client would: signed requests under a role. */
  private resultSource(results: JobResults): BaseDataSource {
    const role = new Role(this, 'ResultsRole', { assumedBy: appSyncOf(this, this.api.apiId) })
    const source = new HttpDataSource(this, 'Results', {
      api: this.api,
      name: 'Results',
      serviceRole: role,
      endpoint: `https://${results.bucket.bucketRegionalDomainName}`,
      authorizationConfig: { signingRegion: Stack.of(this).region, signingServiceName: 's3' },
    })
    results.grant(role, 's3:GetObject')
    return source
  }

  private tableSource(name: string, table: Table): { source: BaseDataSource; role: Role } {
    const role = new Role(this, `${name}Role`, { assumedBy: appSyncOf(this, this.api.apiId) })
    // The data source would give itself the whole table and every index; without policy updates it gets what is said here.
    const serviceRole = role.withoutPolicyUpdates()
    return { role, source: new DynamoDbDataSource(this, name, { api: this.api, name, table, serviceRole }) }
  }

  // The construct's own logConfig sets the retention by a custom resource; AppSync's log group has a known name instead.
  private logTo(cfnApi: CfnGraphQLApi, retention: RetentionDays): void {
    const role = new Role(this, 'LogRole', { assumedBy: appSyncOf(this) })
    cfnApi.logConfig = {
      cloudWatchLogsRoleArn: role.roleArn,
      fieldLogLevel: FieldLogLevel.ERROR,
      excludeVerboseContent: true,
    }
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-ASC3',
      reason: 'Errors are logged; verbose content is tokens and what users wrote, which no log should keep.',
    })
    const logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: `/aws/appsync/apis/${cfnApi.attrApiId}`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    logGroup.grant(role, 'logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents')
  }
}

function grant(grantee: IGrantable, resourceArn: string, ...actions: string[]): void {
  Grant.addToPrincipal({
    grantee,
    actions: actions.map((action) => `dynamodb:${action}`),
    resourceArns: [resourceArn],
  })
}
