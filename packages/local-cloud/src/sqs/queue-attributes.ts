/** The properties of AWS::SQS::Queue that are attributes of the queue itself. */
const attributeProperties = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
]

/** Properties of AWS::SQS::Queue with all references resolved. */
export interface QueueProperties {
  QueueName: string
  Tags?: { Key: string; Value: string }[]
  [property: string]: unknown
}

/** The attributes as CreateQueue takes them: strings, policies as JSON text. */
export function queueAttributes(properties: QueueProperties): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const name of attributeProperties) {
    const value = properties[name]
    if (value === undefined) continue
    attributes[name] = typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
  return attributes
}
