/** An attribute value as resolvers write it: numbers stay JavaScript numbers and null is `{NULL: null}`. */
export type LooseAttributeValue = Record<string, unknown>

type Values = Record<string, unknown>

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Sets have no JSON form, so the three set functions are the only way to one: what they made is taken as it is.
const sets = new WeakSet<object>()

function toDynamoDB(value: unknown): LooseAttributeValue | null {
  if (value === null || value === undefined) return { NULL: null }
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: value }
  if (typeof value === 'boolean') return { BOOL: value }
  if (Array.isArray(value)) return { L: value.map(toDynamoDB) }
  if (isMap(value)) return sets.has(value) ? value : { M: mapValues(value) }
  return null
}

function mapValues(value: Values): Values {
  const mapped: Values = {}
  for (const key of Object.keys(value)) {
    // `undefined` is no JSON value: AppSync never sees such a member.
    if (value[key] !== undefined) mapped[key] = toDynamoDB(value[key])
  }
  return mapped
}

const tagged =
  (tag: string, fits: (value: unknown) => boolean) =>
  (value: unknown): LooseAttributeValue | null =>
    fits(value) ? { [tag]: value } : null

const set = (tag: string, fits: (value: unknown) => boolean) => (value: unknown) => {
  if (!Array.isArray(value) || !value.every(fits)) return null
  const written = { [tag]: value }
  sets.add(written)
  return written
}

const isString = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => typeof value === 'number'

/** `util.dynamodb` */
export const dynamodb = {
  toDynamoDB,
  toString: tagged('S', isString),
  toStringSet: set('SS', isString),
  toNumber: tagged('N', isNumber),
  toNumberSet: set('NS', isNumber),
  toBinary: tagged('B', isString),
  toBinarySet: set('BS', isString),
  toBoolean: tagged('BOOL', (value) => typeof value === 'boolean'),
  toNull: () => ({ NULL: null }),
  toList: (value: unknown) => (Array.isArray(value) ? { L: value.map(toDynamoDB) } : null),
  toMap: (value: unknown) => (isMap(value) ? { M: mapValues(value) } : null),
  toMapValues: (value: unknown) => (isMap(value) ? mapValues(value) : null),
  toS3Object(key: string, bucket: string, region: string, version?: string): LooseAttributeValue {
    return { S: JSON.stringify({ s3: { key, bucket, region, ...(version === undefined ? {} : { version }) } }) }
  },
  fromS3ObjectJson: (text: string): unknown => (JSON.parse(text) as { s3: unknown }).s3,
}
