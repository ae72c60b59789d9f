import type { Api, AppSync } from '../appsync/appsync.ts'
import type { Clock } from '../clock.ts'
import type { Cognito } from '../cognito/cognito.ts'
import type { DynamoDb } from '../dynamodb/dynamodb.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { Sqs } from '../sqs/sqs.ts'

/** The account and region the local cloud says it is. */
export interface Identity {
  accountId: string
  region: string
}

/** The AppSync side of a deployment: APIs are gathered resource by resource, then opened as a whole. */
export interface AppSyncApis {
  draft(apiId: string): Api
  open(): Promise<void>
  find(apiId?: string): AppSync | undefined
}

/** The services that a template is deployed on. */
export interface Services {
  clock: Clock
  identity: Identity
  endpointUrl(): string
  log(line: string): void
  dynamodb: DynamoDb
  sqs: Sqs
  lambda: Lambda
  scheduler: Scheduler
  cognito: Cognito
  appsync: AppSyncApis
  /** Called when the local cloud closes, newest first. */
  onClose(stop: () => Promise<void> | void): void
}
