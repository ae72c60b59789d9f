import type { Deployer } from '../resource.ts'
import { appSyncResources } from './appsync.ts'
import { cognitoResources } from './cognito.ts'
import { dynamoDbResources } from './dynamodb.ts'
import { lambdaResources } from './lambda.ts'
import { s3Resources } from './s3.ts'
import { schedulerResources } from './scheduler.ts'
import { sqsResources } from './sqs.ts'

/** What puts up a resource, by its type. */
export const DEPLOYERS: Record<string, Deployer> = {
  ...dynamoDbResources,
  ...sqsResources,
  ...s3Resources,
  ...lambdaResources,
  ...appSyncResources,
  ...cognitoResources,
  ...schedulerResources,
}
