import type { DynamoDBRecord, StreamRecord } from 'aws-lambda'
import type { Change, ChangeLogSettings } from './change-log.ts'
import type { Item } from './dynalite.ts'
import { itemSize } from './item-size.ts'

const sequenceBase = 10n ** 20n

/** Sequence numbers have at least 21 digits on AWS and must be compared as numbers. */
export function sequenceNumber(position: number): string {
  return String(sequenceBase + BigInt(position))
}

/** The position that `sequence` names, or undefined when it is no sequence number of ours. */
export function positionOf(sequence: string): number | undefined {
  return /^\d{21,40}$/.test(sequence) ? Number(BigInt(sequence) - sequenceBase) : undefined
}

/** `change` as a Lambda function gets it. */
export function lambdaRecord(change: Change, log: ChangeLogSettings, region: string): DynamoDBRecord {
  return {
    ...plainRecord(change, log, region),
    eventSourceARN: log.arn,
    ...(change.expired && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
  }
}

/** `change` as GetRecords answers it: the same but for the case of the identity's members. */
export function apiRecord(change: Change, log: ChangeLogSettings, region: string) {
  return {
    ...plainRecord(change, log, region),
    ...(change.expired && { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } }),
  }
}

function plainRecord(change: Change, log: ChangeLogSettings, region: string) {
  const { oldImage, newImage } = change
  const keys = JSON.parse(change.keys) as Item
  const images: { OldImage?: Item; NewImage?: Item } = {}
  const withOld = log.viewType === 'OLD_IMAGE' || log.viewType === 'NEW_AND_OLD_IMAGES'
  const withNew = log.viewType === 'NEW_IMAGE' || log.viewType === 'NEW_AND_OLD_IMAGES'
  if (newImage !== undefined && withNew) images.NewImage = JSON.parse(newImage)
  if (oldImage !== undefined && withOld) images.OldImage = JSON.parse(oldImage)
  const dynamodb: StreamRecord = {
    ApproximateCreationDateTime: Math.floor(change.at / 1000),
    Keys: keys,
    ...images,
    SequenceNumber: sequenceNumber(change.position),
    SizeBytes: itemSize(keys) + itemSize(images.OldImage ?? {}) + itemSize(images.NewImage ?? {}),
    StreamViewType: log.viewType,
  }
  const eventName = oldImage === undefined ? 'INSERT' : newImage === undefined ? 'REMOVE' : 'MODIFY'
  return {
    eventID: `${log.shardId.slice(-8)}${change.position.toString(16).padStart(24, '0')}`,
    eventName: eventName as DynamoDBRecord['eventName'],
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb,
  }
}
