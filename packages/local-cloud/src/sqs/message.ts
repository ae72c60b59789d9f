import type { SQSRecord } from 'aws-lambda'

/** A message as the queue keeps it; the names are those that fauxqs's actions read and write. */
export interface Message {
  messageId: string
  body: string
  md5OfBody: string
  messageAttributes: Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>
  md5OfMessageAttributes: string
  sentTimestamp: number
  approximateReceiveCount: number
  approximateFirstReceiveTimestamp?: number
  delayUntil?: number
  messageGroupId?: string
  messageDeduplicationId?: string
  sequenceNumber?: string
}

/** A message that a consumer has and must delete before it shows again. */
export interface InFlight {
  message: Message
  receiptHandle: string
  visibilityDeadline: number
}

/** The message as ReceiveMessage returns it. */
export function receivedMessage({ message, receiptHandle }: InFlight) {
  const { messageId, body, md5OfBody, messageAttributes, md5OfMessageAttributes } = message
  const received = { MessageId: messageId, ReceiptHandle: receiptHandle, MD5OfBody: md5OfBody, Body: body }
  if (Object.keys(messageAttributes).length === 0) return received
  return { ...received, MessageAttributes: messageAttributes, MD5OfMessageAttributes: md5OfMessageAttributes }
}

/** The message as Lambda puts it into an event. */
export function lambdaRecord({ message, receiptHandle }: InFlight, queueArn: string, accountId: string): SQSRecord {
  const { messageGroupId, messageDeduplicationId, sequenceNumber } = message
  return {
    messageId: message.messageId,
    receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.approximateReceiveCount),
      SentTimestamp: String(message.sentTimestamp),
      SenderId: accountId,
      ApproximateFirstReceiveTimestamp: String(message.approximateFirstReceiveTimestamp),
      ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
      ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
      ...(messageDeduplicationId !== undefined && { MessageDeduplicationId: messageDeduplicationId }),
    },
    messageAttributes: lambdaAttributes(message),
    md5OfBody: message.md5OfBody,
    ...(message.md5OfMessageAttributes && { md5OfMessageAttributes: message.md5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  }
}

function lambdaAttributes({ messageAttributes }: Message): SQSRecord['messageAttributes'] {
  const attributes: SQSRecord['messageAttributes'] = {}
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(messageAttributes)) {
    attributes[name] = {
      ...(StringValue !== undefined && { stringValue: StringValue }),
      ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
      stringListValues: [],
      binaryListValues: [],
      dataType: DataType,
    }
  }
  return attributes
}
