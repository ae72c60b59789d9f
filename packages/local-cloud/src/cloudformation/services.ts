import type { AppSyncApi } from '../appsync/api.ts'
import type { AppSync } from '../appsync/appsync.ts'
import type { Clock } from '../clock.ts'
import type { Cognito } from '../cognito/cognito.ts'
import type { DynamoDb } from '../dynamodb/dynamodb.ts'
import type { Checkpoints } from '../event-source-mappings/checkpoints.ts'
import type { DeliveryFaults } from '../faults/delivery-faults.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { S3 } from '../s3/s3.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { Identity } from '../service.ts'
import type { Credentials } from '../signature-v4.ts'
import type { Sqs } from '../sqs/sqs.ts'

/** What the template says of an API; what it reaches is added when it opens. */
export type ApiDraft = Omit<
  AppSyncApi,
  'dynamodb' | 'lambda' | 'addressOf' | 'verifyToken' | 'apiKeys' | 'credentials'
> & {
  name: string
  apiKeys: string[]
}

/** Where an API of the template answers. */
export interface GraphQLApi {
  name: string
  url: string
}

/** The GraphQL APIs of a deployment: each is gathered resource by resource, then opened as a whole. */
export interface AppSyncApis {
  /** Told of all APIs before any resource is made, in the template's order: the first answers at /graphql. */
  announce(apiIds: string[]): void
  urlOf(apiId: string): string
  draft(apiId: string): ApiDraft
  open(): void
  isOpen(): boolean
  /** The API that answers at a path; undefined when there is none, or none that is open yet. */
  at(path: string): AppSync | undefined
  all(): GraphQLApi[]
  cutSockets(): void
  close(): void
}

/** The services that a template is deployed on. */
export interface Services {
  clock: Clock
  identity: Identity
  /** What the stack itself signs with. */
  credentials: Credentials
  endpointUrl(): string
  log(line: string): void
  dynamodb: DynamoDb
  sqs: Sqs
  s3: S3
  lambda: Lambda
  scheduler: Scheduler
  cognito: Cognito
  appsync: AppSyncApis
  /** Where the readers of streams stand, when state outlives the process. */
  checkpoints?: Checkpoints
  /** What is to go wrong with deliveries, when the local cloud was started with faults. */
  faults?: DeliveryFaults
  /** Called when the local cloud closes, newest first. */
  onClose(stop: () => Promise<void> | void): void
}
