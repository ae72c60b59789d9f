import { AwsError } from '../aws-error.ts'

type Type = 'string' | 'number' | 'boolean' | 'object' | 'list'

/** What SQS's operations take, by name: the same name means the same in all of them. fauxqs takes the types for granted. */
const TYPES = new Map<string, Type>([
  ...typed('string', 'QueueUrl QueueName QueueNamePrefix NextToken QueueOwnerAWSAccountId ReceiptHandle Id'),
  ...typed('string', 'MessageBody MessageGroupId MessageDeduplicationId ReceiveRequestAttemptId'),
  ...typed('string', 'DataType StringValue BinaryValue'),
  ...typed('number', 'DelaySeconds VisibilityTimeout MaxNumberOfMessages WaitTimeSeconds MaxResults'),
  ...typed('list', 'AttributeNames MessageAttributeNames MessageSystemAttributeNames TagKeys Entries'),
  ...typed('object', 'Attributes Tags tags MessageAttributes MessageSystemAttributes'),
])

/** What is in each of a list or a map. */
const WITHIN = new Map<string, Type>([
  ...typed('string', 'AttributeNames MessageAttributeNames MessageSystemAttributeNames TagKeys Attributes Tags tags'),
  ...typed('object', 'Entries MessageAttributes MessageSystemAttributes'),
])

function typed(type: Type, names: string): [string, Type][] {
  return names.split(' ').map((name) => [name, type])
}

/** Refuses members of another type than SQS's, as the framework in front of AWS's services does. */
export function checkInputTypes(input: object): void {
  for (const [name, value] of Object.entries(input)) {
    check(name, value, TYPES.get(name))
    const within = WITHIN.get(name)
    if (!within) continue
    for (const each of Object.values(value as object)) {
      check(name, each, within)
      if (within === 'object') checkInputTypes(each)
    }
  }
}

function check(name: string, value: unknown, type: Type | undefined): void {
  const came = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
  if (!type || came === type) return
  throw new AwsError('SerializationException', 400, `${name} must be of type ${type}, got ${came}`)
}
