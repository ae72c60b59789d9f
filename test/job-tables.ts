import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

type Keys = Required<Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema'>>

const key = (hash: string, range?: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : []),
]
const index = (IndexName: string, hash: string, range: string) => ({
  ...{ IndexName, KeySchema: key(hash, range) },
  Projection: { ProjectionType: 'KEYS_ONLY' as const },
})

/** The keys of the three tables, for tests that put them up without the stack. test/stack holds them against the template. */
export const JOB_TABLE_KEYS: Keys & Required<Pick<CreateTableCommandInput, 'GlobalSecondaryIndexes'>> = {
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'createdAt', AttributeType: 'S' },
    { AttributeName: 'openOwner', AttributeType: 'S' },
    { AttributeName: 'dueShard', AttributeType: 'N' },
    { AttributeName: 'dueAt', AttributeType: 'N' },
  ],
  KeySchema: key('id'),
  GlobalSecondaryIndexes: [
    index('byOwner', 'owner', 'createdAt'),
    index('byOpenOwner', 'openOwner', 'createdAt'),
    index('byDue', 'dueShard', 'dueAt'),
  ],
}

export const EVENT_TABLE_KEYS: Keys = {
  AttributeDefinitions: [
    { AttributeName: 'jobKey', AttributeType: 'S' },
    { AttributeName: 'seq', AttributeType: 'N' },
  ],
  KeySchema: key('jobKey', 'seq'),
}

export const SESSION_TABLE_KEYS: Keys = {
  AttributeDefinitions: [{ AttributeName: 'sessionKey', AttributeType: 'S' }],
  KeySchema: key('sessionKey'),
}
