import { App, CfnOutput, CfnParameter, Duration, NestedStack, Stack } from 'aws-cdk-lib'
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb'
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions'

// An app that has nothing to do with jobs: orders come in by a queue, a function writes each into a table of another stack.
const app = new App({ analyticsReporting: false })

const data = new Stack(app, 'Data')
const orders = new Table(data, 'Orders', { partitionKey: { name: 'id', type: AttributeType.STRING } })

const shop = new Stack(app, 'Shop')
const stage = new CfnParameter(shop, 'Stage', { default: 'dev' })
const intake = new NestedStack(shop, 'Intake')
const queue = new Queue(intake, 'Queue', { visibilityTimeout: Duration.seconds(30) })
const worker = new LambdaFunction(intake, 'Worker', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromAsset(`${import.meta.dirname}/worker`),
  timeout: Duration.seconds(10),
  environment: { TABLE: orders.tableName, STAGE: stage.valueAsString },
})
orders.grantWriteData(worker)
worker.addEventSource(new SqsEventSource(queue))
new CfnOutput(shop, 'QueueUrl', { value: queue.queueUrl })
new CfnOutput(data, 'TableName', { value: orders.tableName })

if (app.node.tryGetContext('unknown')) {
  new CfnStateMachine(shop, 'Machine', { roleArn: 'arn:aws:iam::000000000000:role/r', definitionString: '{}' })
  const python = new LambdaFunction(shop, 'Report', {
    runtime: Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: Code.fromAsset(`${import.meta.dirname}/worker`),
  })
  python.addEventSource(new SqsEventSource(new Queue(shop, 'Reports')))
}
