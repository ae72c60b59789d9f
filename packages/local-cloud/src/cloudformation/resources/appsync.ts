import { readFileSync } from 'node:fs'
import type { AuthenticationProvider, HttpEndpoint } from '../../appsync/api.ts'
import { shortId } from '../appsync-apis.ts'
import type { Deployer, ResourceRequest } from '../resource.ts'
import type { SynthesizedStack } from '../template.ts'

interface GraphQLApiProperties {
  Name: string
  AuthenticationType: string
  AdditionalAuthenticationProviders?: AuthenticationProvider[]
  UserPoolConfig?: AuthenticationProvider['UserPoolConfig']
  OpenIDConnectConfig?: AuthenticationProvider['OpenIDConnectConfig']
  EnvironmentVariables?: Record<string, string>
  QueryDepthLimit?: number
  ResolverCountLimit?: number
  IntrospectionConfig?: 'ENABLED' | 'DISABLED'
}

interface HttpConfig {
  Endpoint: string
  AuthorizationConfig?: { AwsIamConfig?: { SigningRegion: string; SigningServiceName: string } }
}

const graphqlApi: Deployer = async ({ physicalName, properties, services }) => {
  const apiId = shortId(physicalName)
  const api = services.appsync.draft(apiId)
  const given = properties as unknown as GraphQLApiProperties
  api.name = given.Name
  api.authenticationType = given.AuthenticationType
  const { accountId, region } = services.identity
  // Every user pool stands in the one region that there is here, whichever the stack names.
  const here = <Provider extends Pick<GraphQLApiProperties, 'UserPoolConfig'>>(provider: Provider): Provider => {
    const pool = provider.UserPoolConfig
    return pool ? { ...provider, UserPoolConfig: { ...pool, AwsRegion: region } } : provider
  }
  api.userPoolConfig = here(given).UserPoolConfig
  api.openIdConnectConfig = given.OpenIDConnectConfig
  api.additionalAuthenticationProviders = given.AdditionalAuthenticationProviders?.map(here) ?? []
  api.environmentVariables = given.EnvironmentVariables ?? {}
  api.queryDepthLimit = given.QueryDepthLimit
  api.resolverCountLimit = given.ResolverCountLimit
  api.introspectionConfig = given.IntrospectionConfig
  const url = services.appsync.urlOf(apiId)
  return {
    ref: `arn:aws:appsync:${region}:${accountId}:apis/${apiId}`,
    attributes: {
      Arn: `arn:aws:appsync:${region}:${accountId}:apis/${apiId}`,
      ApiId: apiId,
      GraphQLUrl: url,
      // A custom domain's form: clients that meet a host which is not AppSync's own dial <graphql url>/realtime.
      RealtimeUrl: `${url.replace('http', 'ws')}/realtime`,
    },
  }
}

const graphqlSchema: Deployer = async ({ physicalName, properties, services, stack }) => {
  const api = services.appsync.draft(String(properties.ApiId))
  api.schema = text(stack, properties.Definition, properties.DefinitionS3Location)
  return { ref: physicalName, attributes: { Id: physicalName } }
}

const dataSource: Deployer = async ({ properties, services }) => {
  const name = String(properties.Name)
  const dynamodb = properties.DynamoDBConfig as { TableName: string } | undefined
  const lambda = properties.LambdaConfig as { LambdaFunctionArn: string } | undefined
  services.appsync.draft(String(properties.ApiId)).dataSources.push({
    name,
    type: String(properties.Type),
    tableName: dynamodb?.TableName,
    functionArn: lambda?.LambdaFunctionArn,
    http: httpEndpoint(properties.HttpConfig as HttpConfig | undefined),
  })
  return { ref: name, attributes: { Name: name, DataSourceArn: `${properties.ApiId}/datasources/${name}` } }
}

function httpEndpoint(config: HttpConfig | undefined): HttpEndpoint | undefined {
  if (!config) return undefined
  const iam = config.AuthorizationConfig?.AwsIamConfig
  const signing = iam && { region: iam.SigningRegion, serviceName: iam.SigningServiceName }
  return { url: config.Endpoint, signing }
}

const functionConfiguration: Deployer = async ({ physicalName, properties, services, stack }) => {
  const functionId = shortId(physicalName)
  services.appsync.draft(String(properties.ApiId)).functions.push({
    functionId,
    name: String(properties.Name),
    dataSourceName: String(properties.DataSourceName),
    code: code({ properties, stack }),
  })
  return { ref: functionId, attributes: { FunctionId: functionId, Name: String(properties.Name) } }
}

const apiKey: Deployer = async ({ physicalName, properties, services }) => {
  const id = shortId(physicalName)
  const key = `da2-${id}`
  services.appsync.draft(String(properties.ApiId)).apiKeys.push(key)
  const { accountId, region } = services.identity
  const arn = `arn:aws:appsync:${region}:${accountId}:/v1/apis/${properties.ApiId}/apikeys/${id}`
  return { ref: arn, attributes: { ApiKey: key, ApiKeyId: id, Arn: arn } }
}

const resolver: Deployer = async ({ physicalName, properties, services, stack }) => {
  const pipeline = properties.PipelineConfig as { Functions?: string[] } | undefined
  services.appsync.draft(String(properties.ApiId)).resolvers.push({
    typeName: String(properties.TypeName),
    fieldName: String(properties.FieldName),
    kind: properties.Kind === 'PIPELINE' ? 'PIPELINE' : 'UNIT',
    dataSourceName: properties.DataSourceName as string | undefined,
    functionIds: pipeline?.Functions,
    code: code({ properties, stack }),
  })
  return { ref: physicalName, attributes: { ResolverArn: physicalName } }
}

/** A resolver without code hands its whole context to a function. */
function code({ properties, stack }: Pick<ResourceRequest, 'properties' | 'stack'>): string | undefined {
  const { Code, CodeS3Location } = properties
  return Code === undefined && CodeS3Location === undefined ? undefined : text(stack, Code, CodeS3Location)
}

/** A text that the template holds itself or keeps as an asset in S3. */
function text(stack: SynthesizedStack, inline: unknown, location: unknown): string {
  if (typeof inline === 'string') return inline
  const objectKey = String(location).split('/').pop() as string
  return readFileSync(stack.assetPath(objectKey), 'utf8')
}

export const appSyncResources: Record<string, Deployer> = {
  'AWS::AppSync::GraphQLApi': graphqlApi,
  'AWS::AppSync::GraphQLSchema': graphqlSchema,
  'AWS::AppSync::ApiKey': apiKey,
  'AWS::AppSync::DataSource': dataSource,
  'AWS::AppSync::FunctionConfiguration': functionConfiguration,
  'AWS::AppSync::Resolver': resolver,
}
