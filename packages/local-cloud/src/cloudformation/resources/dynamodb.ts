import type { Deployer } from '../resource.ts'

const table: Deployer = async ({ physicalName, properties, services }) => {
  const tableName = String(properties.TableName ?? physicalName)
  const { tableArn, streamArn } = await services.dynamodb.createTable({ ...properties, TableName: tableName })
  return { ref: tableName, attributes: { Arn: tableArn, ...(streamArn && { StreamArn: streamArn }) } }
}

export const dynamoDbResources: Record<string, Deployer> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
}
