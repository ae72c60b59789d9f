import type { AttributeValue } from 'aws-lambda'
import type { Item } from './dynalite.ts'

/** The size of an item as DynamoDB counts it: names and values in UTF-8 bytes, 1 byte more per member of a list or map. */
export function itemSize(item: Item): number {
  let size = 0
  for (const name in item) size += Buffer.byteLength(name) + valueSize(item[name] as AttributeValue)
  return size
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.N !== undefined) return numberSize(value.N)
  if (value.B !== undefined) return Buffer.byteLength(value.B, 'base64')
  if (value.L) return value.L.reduce((sum, member) => sum + 1 + valueSize(member), 3)
  if (value.M) return 3 + Object.keys(value.M).length + itemSize(value.M)
  if (value.SS) return value.SS.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (value.NS) return value.NS.reduce((sum, number) => sum + numberSize(number), 0)
  if (value.BS) return value.BS.reduce((sum, bytes) => sum + Buffer.byteLength(bytes, 'base64'), 0)
  return 1 // BOOL and NULL
}

/** One byte for each two significant digits, and one more; one for the sign of a negative number. */
function numberSize(number: string): number {
  const digits = number.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '')
  return Math.ceil(digits.length / 2) + 1 + (number.startsWith('-') ? 1 : 0)
}
