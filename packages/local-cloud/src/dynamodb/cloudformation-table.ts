import type { IndexSchema } from './dynalite.ts'
import type { CreateTableInput } from './operations/create-table.ts'

/** Resolved properties of AWS::DynamoDB::Table or AWS::DynamoDB::GlobalTable. */
export type TableProperties = Record<string, unknown>

export interface WantedTable {
  create: CreateTableInput
  timeToLiveAttribute: string | undefined
}

/** Accepted and without effect: nothing here is throttled, encrypted, backed up, billed, locked or replicated. */
const withoutEffect = [
  'ContributorInsightsSpecification',
  'DeletionProtectionEnabled',
  'OnDemandThroughput',
  'PointInTimeRecoverySpecification',
  'ReadOnDemandThroughputSettings',
  'ReadProvisionedThroughputSettings',
  'Replicas',
  'ResourcePolicy',
  'SSESpecification',
  'TableClass',
  'Tags',
  'WarmThroughput',
  'WriteOnDemandThroughputSettings',
  'WriteProvisionedThroughputSettings',
]

const withEffect = [
  'AttributeDefinitions',
  'BillingMode',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'LocalSecondaryIndexes',
  'ProvisionedThroughput',
  'StreamSpecification',
  'TableName',
  'TimeToLiveSpecification',
]

/** What CloudFormation would ask of DynamoDB for `properties`. */
export function wantedTable(properties: TableProperties): WantedTable {
  const unknown = Object.keys(properties).filter((name) => ![...withEffect, ...withoutEffect].includes(name))
  if (unknown.length > 0) {
    throw new Error(
      `The DynamoDB table ${properties.TableName} sets ${unknown.join(', ')}, which is not emulated locally; ` +
        `emulated: ${withEffect.join(', ')}; accepted without effect: ${withoutEffect.join(', ')}`,
    )
  }
  const wanted = properties as Partial<CreateTableInput> & { TimeToLiveSpecification?: TimeToLive }
  const { StreamSpecification: stream, TimeToLiveSpecification: timeToLive } = wanted
  return {
    create: {
      TableName: wanted.TableName as string,
      KeySchema: wanted.KeySchema ?? [],
      AttributeDefinitions: wanted.AttributeDefinitions ?? [],
      // Capacity is not emulated, so that both billing modes come to the same.
      BillingMode: 'PAY_PER_REQUEST',
      ...(wanted.GlobalSecondaryIndexes && { GlobalSecondaryIndexes: wanted.GlobalSecondaryIndexes.map(plainIndex) }),
      ...(wanted.LocalSecondaryIndexes && { LocalSecondaryIndexes: wanted.LocalSecondaryIndexes.map(plainIndex) }),
      // CloudFormation has no StreamEnabled: naming a view type turns the stream on.
      ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } }),
    },
    timeToLiveAttribute: timeToLive && timeToLive.Enabled !== false ? timeToLive.AttributeName : undefined,
  }
}

interface TimeToLive {
  AttributeName: string
  Enabled?: boolean
}

/** The index without its capacity. */
export const plainIndex = ({ IndexName, KeySchema, Projection }: IndexSchema): IndexSchema => ({
  IndexName,
  KeySchema,
  Projection,
})
