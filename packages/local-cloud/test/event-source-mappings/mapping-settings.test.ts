import { describe, expect, test } from 'vitest'
import { mappingSettings } from '../../src/event-source-mappings/mapping-settings.ts'

const streamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders/stream/2030-01-01T00:00:00.000'
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:orders'

describe('the settings of a mapping', () => {
  test.each([
    [
      'a source it does not know',
      { EventSourceArn: 'arn:aws:kinesis:us-east-1:0:stream/s' },
      /DynamoDB stream or an SQS queue, got arn/,
    ],
    ['no starting position', { EventSourceArn: streamArn }, /StartingPosition must be LATEST or TRIM_HORIZON/],
    [
      'a property it does not have',
      { EventSourceArn: streamArn, TumblingWindowInSeconds: 5 },
      /no TumblingWindowInSeconds/,
    ],
    [
      'a batch size out of range',
      { EventSourceArn: queueArn, BatchSize: 0 },
      /BatchSize must be a whole number from 1 to 10000, got 0/,
    ],
    [
      'a large batch without a window',
      { EventSourceArn: queueArn, BatchSize: 11 },
      /needs MaximumBatchingWindowInSeconds/,
    ],
    [
      'a window on a FIFO queue',
      { EventSourceArn: `${queueArn}.fifo`, MaximumBatchingWindowInSeconds: 1 },
      /from 0 to 0/,
    ],
  ])('refuse %s', (_, properties, message) => {
    expect(() => mappingSettings(properties)).toThrow(message)
  })
})
