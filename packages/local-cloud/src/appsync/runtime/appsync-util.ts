import { core } from './core.ts'
import { dynamodb } from './dynamodb.ts'
import { EarlyReturn, ResolverError } from './invocation.ts'
import { http } from './response-headers.ts'
import { time } from './time.ts'
import { transform } from './transform.ts'

const math = {
  roundNum: (value: number) => Math.round(value),
  minVal: (a: number, b: number) => Math.min(a, b),
  maxVal: (a: number, b: number) => Math.max(a, b),
  randomDouble: () => Math.random(),
  randomWithinRange: (low: number, high: number) => Math.floor(low + Math.random() * (high - low)),
}

const FORMS = ['nfc', 'nfd', 'nfkc', 'nfkd']

const str = {
  normalize(text: string, form: string): string {
    if (!FORMS.includes(form)) {
      throw new ResolverError(`util.str.normalize: form must be one of ${FORMS.join(', ')}, got ${form}`, 'Code')
    }
    return text.normalize(form.toUpperCase())
  },
}

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

/** `runtime` of APPSYNC_JS. */
export const runtime = Object.freeze({
  earlyReturn(value?: unknown, options?: { skipTo?: 'END' | 'NEXT' }): never {
    const skipTo = options?.skipTo
    if (skipTo !== undefined && skipTo !== 'END' && skipTo !== 'NEXT') {
      throw new ResolverError(`runtime.earlyReturn: skipTo must be END or NEXT, got ${String(skipTo)}`, 'Code')
    }
    throw new EarlyReturn(value ?? null, skipTo)
  },
})
