import { core } from './core.ts'
import { dynamodb } from './dynamodb.ts'
import { http } from './http.ts'
import { ResolverError } from './invocation.ts'
import { math } from './math.ts'
import { str } from './str.ts'
import { time } from './time.ts'
import { transform } from './transform.ts'

const missing = (name: string) => () => {
  throw new ResolverError(`${name} is not emulated locally; its data source is not either`, 'Code')
}

/** `util` of APPSYNC_JS. */
export const util = Object.freeze({
  ...core,
  time,
  dynamodb,
  transform,
  math,
  str,
  http,
  xml: { toMap: missing('util.xml.toMap'), toJsonString: missing('util.xml.toJsonString') },
  rds: { toJsonObject: missing('util.rds.toJsonObject') },
})
