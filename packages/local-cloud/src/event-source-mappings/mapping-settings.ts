import { compilePattern } from './filter-pattern.ts'

/** Properties of AWS::Lambda::EventSourceMapping with all references resolved. */
export interface EventSourceMappingProperties {
  EventSourceArn?: string
  FunctionName?: string
  Enabled?: boolean
  BatchSize?: number
  MaximumBatchingWindowInSeconds?: number
  StartingPosition?: string
  ParallelizationFactor?: number
  MaximumRecordAgeInSeconds?: number
  MaximumRetryAttempts?: number
  BisectBatchOnFunctionError?: boolean
  FunctionResponseTypes?: string[]
  FilterCriteria?: { Filters?: { Pattern?: string }[] }
  ScalingConfig?: { MaximumConcurrency?: number }
  DestinationConfig?: { OnFailure?: { Destination?: string } }
}

/** The same, checked, with Lambda's defaults. */
export interface MappingSettings {
  kind: 'stream' | 'queue'
  /** `<source ARN> → <function ARN or name>` */
  name: string
  sourceArn: string
  functionName: string
  batchSize: number
  windowMs: number
  reportsItems: boolean
  /** Whether the function wants a record. */
  matches: (record: object) => boolean
  maximumConcurrency: number
  startingPosition: 'LATEST' | 'TRIM_HORIZON'
  parallelizationFactor: number
  maximumRecordAgeMs: number
  maximumRetryAttempts: number
  bisects: boolean
  failureQueueArn: string | undefined
}

/** A stream keeps its records for a day, so none is ever older for a mapping. */
const streamRetentionSeconds = 86_400
/** What an account may run at once; a queue without ScalingConfig grows up to it. */
const accountConcurrency = 1_000

const ignored = ['Enabled', 'EventSourceArn', 'FunctionName', 'Tags', 'KmsKeyArn', 'MetricsConfig']
const known = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'FilterCriteria',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'ScalingConfig',
  'StartingPosition',
]

export function mappingSettings(given: object): MappingSettings {
  const properties = given as EventSourceMappingProperties
  const sourceArn = properties.EventSourceArn ?? ''
  const kind = kindOf(sourceArn)
  refuseUnknown(properties, sourceArn)
  const number = (name: keyof EventSourceMappingProperties, otherwise: number, least: number, most: number) =>
    checkedNumber(sourceArn, name, properties[name] ?? otherwise, least, most)
  const isStream = kind === 'stream'
  const isFifo = sourceArn.endsWith('.fifo')
  const window = number('MaximumBatchingWindowInSeconds', 0, 0, isFifo ? 0 : 300)
  const batchSize = number('BatchSize', isStream ? 100 : 10, 1, isFifo ? 10 : 10_000)
  if (!isStream && batchSize > 10 && window === 0) {
    throw new Error(
      `${sourceArn}: BatchSize over 10 needs MaximumBatchingWindowInSeconds of 1 or more, got ${batchSize}`,
    )
  }
  const age = number('MaximumRecordAgeInSeconds', -1, -1, 604_800)
  const retries = number('MaximumRetryAttempts', -1, -1, 10_000)
  return {
    kind,
    name: `${sourceArn} → ${properties.FunctionName}`,
    sourceArn,
    functionName: properties.FunctionName ?? '',
    batchSize,
    windowMs: window * 1000,
    reportsItems: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    matches: filterOf(properties),
    maximumConcurrency: concurrencyOf(properties, sourceArn),
    startingPosition: isStream ? startingPosition(properties, sourceArn) : 'LATEST',
    parallelizationFactor: number('ParallelizationFactor', 1, 1, 10),
    maximumRecordAgeMs: (age < 0 ? streamRetentionSeconds : age) * 1000,
    maximumRetryAttempts: retries < 0 ? Number.POSITIVE_INFINITY : retries,
    bisects: properties.BisectBatchOnFunctionError ?? false,
    failureQueueArn: failureQueue(properties, sourceArn),
  }
}

function kindOf(sourceArn: string): 'stream' | 'queue' {
  if (/^arn:[^:]+:sqs:/.test(sourceArn)) return 'queue'
  if (/^arn:[^:]+:dynamodb:.*\/stream\//.test(sourceArn)) return 'stream'
  throw new Error(`EventSourceArn must be a DynamoDB stream or an SQS queue, got ${sourceArn || 'nothing'}`)
}

function refuseUnknown(properties: object, sourceArn: string): void {
  for (const name of Object.keys(properties)) {
    if (known.includes(name) || ignored.includes(name)) continue
    throw new Error(`${sourceArn}: the local event source mapping has no ${name}; it has ${known.join(', ')}`)
  }
}

function checkedNumber(sourceArn: string, name: string, value: unknown, least: number, most: number): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new Error(`${sourceArn}: ${name} must be a whole number from ${least} to ${most}, got ${JSON.stringify(value)}`)
}

function filterOf({ FilterCriteria }: EventSourceMappingProperties): (record: object) => boolean {
  const patterns = (FilterCriteria?.Filters ?? []).map(({ Pattern }) => compilePattern(Pattern ?? '{}'))
  if (patterns.length === 0) return () => true
  return (record) => patterns.some((matches) => matches(record))
}

function concurrencyOf({ ScalingConfig }: EventSourceMappingProperties, sourceArn: string): number {
  const given = ScalingConfig?.MaximumConcurrency
  if (given === undefined) return accountConcurrency
  return checkedNumber(sourceArn, 'ScalingConfig.MaximumConcurrency', given, 2, 1_000)
}

function startingPosition({ StartingPosition }: EventSourceMappingProperties, sourceArn: string) {
  if (StartingPosition === 'LATEST' || StartingPosition === 'TRIM_HORIZON') return StartingPosition
  throw new Error(`${sourceArn}: StartingPosition must be LATEST or TRIM_HORIZON, got ${StartingPosition}`)
}

function failureQueue({ DestinationConfig }: EventSourceMappingProperties, sourceArn: string): string | undefined {
  const destination = DestinationConfig?.OnFailure?.Destination
  if (destination === undefined || /^arn:[^:]+:sqs:.*(?<!\.fifo)$/.test(destination)) return destination
  throw new Error(`${sourceArn}: OnFailure must be the ARN of a standard SQS queue, got ${destination}`)
}
