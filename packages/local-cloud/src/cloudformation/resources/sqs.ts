import type { Deployer } from '../resource.ts'

const queue: Deployer = async ({ physicalName, properties, services }) => {
  const suffix = properties.FifoQueue ? '.fifo' : ''
  const name = String(properties.QueueName ?? `${physicalName}${suffix}`)
  const { queueArn, queueName, queueUrl } = await services.sqs.createQueue({ ...properties, QueueName: name })
  return { ref: queueUrl, attributes: { Arn: queueArn, QueueName: queueName, QueueUrl: queueUrl } }
}

export const sqsResources: Record<string, Deployer> = { 'AWS::SQS::Queue': queue }
