import type { Credentials } from '../signature-v4.ts'

/** The settings of one authentication mode, named as `AWS::AppSync::GraphQLApi` names them. */
export interface AuthenticationProvider {
  AuthenticationType: string
  UserPoolConfig?: {
    UserPoolId: string
    AwsRegion?: string
    DefaultAction?: 'ALLOW' | 'DENY'
    AppIdClientRegex?: string
  }
  OpenIDConnectConfig?: { Issuer: string }
}

export interface DataSourceDefinition {
  name: string
  type: string
  tableName?: string
  functionArn?: string
  http?: HttpEndpoint
}

export interface HttpEndpoint {
  /** Scheme and host, with no path. */
  url: string
  /** Requests are signed with SigV4 for this service. */
  signing?: { region: string; serviceName: string }
}

export interface FunctionDefinition {
  functionId: string
  name: string
  dataSourceName: string
  code?: string
}

export interface ResolverDefinition {
  typeName: string
  fieldName: string
  kind?: 'UNIT' | 'PIPELINE'
  dataSourceName?: string
  functionIds?: string[]
  code?: string
}

/** In-process DynamoDB: the wire's input and output of `operation`; throws an `AwsError`. */
export interface DynamoDbCalls {
  call(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>>
}

export interface LambdaCalls {
  invoke(
    functionNameOrArn: string,
    event: unknown,
  ): Promise<{ statusCode: number; functionError?: string; payload: unknown }>
}

/** Claims of a token; throws when it is malformed, forged or (with `reason: 'expired'` on the error) out of date. */
export type VerifyToken = (jwt: string) => Promise<Record<string, unknown>>

/** One GraphQL API: what the template says of it, and the services that its resolvers reach. */
export interface AppSyncApi {
  apiId: string
  /** The SDL. AppSync's directives and scalars are known and need no declaration. */
  schema: string
  environmentVariables?: Record<string, string>
  authenticationType: string
  userPoolConfig?: AuthenticationProvider['UserPoolConfig']
  openIdConnectConfig?: AuthenticationProvider['OpenIDConnectConfig']
  additionalAuthenticationProviders?: AuthenticationProvider[]
  /** Accepted values of `x-api-key`, when API_KEY is one of the modes. */
  apiKeys?: string[]
  /** Deepest nesting of fields; 0 or absent means no limit. */
  queryDepthLimit?: number
  /** Most resolvers that one request may run; 0 or absent means no limit. */
  resolverCountLimit?: number
  introspectionConfig?: 'ENABLED' | 'DISABLED'
  dataSources: DataSourceDefinition[]
  functions: FunctionDefinition[]
  resolvers: ResolverDefinition[]
  dynamodb: DynamoDbCalls
  lambda: LambdaCalls
  /** Where the endpoint of an HTTP data source is really reached; as it says, when left out. */
  addressOf?(url: string): string
  verifyToken: VerifyToken
  /** Those of the stack itself: who signs with them is IAM's caller. */
  credentials: Credentials
}
