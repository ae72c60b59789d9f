import { App, CfnCondition, CfnOutput, Fn, Stack } from 'aws-cdk-lib'
import { AuthorizationType, Code, Definition, FunctionRuntime, GraphqlApi } from 'aws-cdk-lib/aws-appsync'
import { UserPool } from 'aws-cdk-lib/aws-cognito'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { CfnQueue } from 'aws-cdk-lib/aws-sqs'

// Two APIs in a stack that says where it belongs: its regions are spelled out in the template. One is open by a key.
const app = new App({ analyticsReporting: false })
const env = { account: '123456789012', region: 'eu-west-1' }
new Stack(app, 'Certificate', { env: { ...env, region: 'us-east-1' } })
const stack = new Stack(app, 'Apis', { env })

const userPool = new UserPool(stack, 'Users')
const client = userPool.addClient('Web')
const people = new GraphqlApi(stack, 'People', {
  name: 'people',
  definition: Definition.fromFile(`${import.meta.dirname}/apis.graphql`),
  authorizationConfig: {
    defaultAuthorization: { authorizationType: AuthorizationType.USER_POOL, userPoolConfig: { userPool } },
  },
})
const world = new GraphqlApi(stack, 'World', {
  name: 'world',
  definition: Definition.fromFile(`${import.meta.dirname}/apis.graphql`),
})
for (const api of [people, world]) {
  const none = api.addNoneDataSource('none')
  none.createResolver('Hello', {
    typeName: 'Query',
    fieldName: 'hello',
    runtime: FunctionRuntime.JS_1_0_0,
    code: Code.fromInline(
      `export const request = () => ({ payload: '${api.node.id}' }); export const response = (ctx) => ctx.result`,
    ),
  })
}

// A data source that is not emulated takes its function, and that one its resolver, along.
const bus = world.addEventBridgeDataSource('bus', EventBus.fromEventBusName(stack, 'Bus', 'default'))
const send = bus.createFunction('Send', {
  name: 'send',
  runtime: FunctionRuntime.JS_1_0_0,
  code: Code.fromInline('export const request = () => ({}); export const response = () => null'),
})
world.createResolver('Lost', {
  typeName: 'Query',
  fieldName: 'lost',
  runtime: FunctionRuntime.JS_1_0_0,
  code: Code.fromInline('export const request = () => ({}); export const response = () => null'),
  pipelineConfig: [send],
})

// What waits for a resource whose condition does not hold must not make it.
const isElsewhere = new CfnCondition(stack, 'IsElsewhere', { expression: Fn.conditionEquals('here', 'there') })
const elsewhere = new CfnQueue(stack, 'Elsewhere', { queueName: 'elsewhere' })
elsewhere.cfnOptions.condition = isElsewhere
new CfnQueue(stack, 'Here', { queueName: 'here' }).addDependency(elsewhere)

new CfnOutput(stack, 'PoolId', { value: userPool.userPoolId })
new CfnOutput(stack, 'ClientId', { value: client.userPoolClientId })
new CfnOutput(stack, 'PeopleUrl', { value: people.graphqlUrl })
new CfnOutput(stack, 'WorldUrl', { value: world.graphqlUrl })
new CfnOutput(stack, 'WorldKey', { value: world.apiKey ?? '' })
