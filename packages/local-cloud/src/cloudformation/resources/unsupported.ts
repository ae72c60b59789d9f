import type { Resource } from '../template.ts'
import { DEPLOYERS } from './index.ts'
import { notEmulated } from './not-emulated.ts'

type Properties = Record<string, unknown>

/** What of a type that is known otherwise cannot be put up, or would have an effect that it does not have here. */
const LIMITS: Record<string, (properties: Properties, assetPath: AssetPath) => string | false | undefined> = {
  'AWS::Lambda::Function': unsupportedFunction,
  'AWS::Lambda::EventInvokeConfig': ({ DestinationConfig, Qualifier }) =>
    DestinationConfig ? 'destinations' : Qualifier !== '$LATEST' && `of the version ${Qualifier}`,
  'AWS::AppSync::DataSource': ({ Type }) => !DATA_SOURCES.includes(String(Type)) && `type ${Type}`,
  'AWS::AppSync::FunctionConfiguration': mappingTemplate,
  'AWS::AppSync::Resolver': mappingTemplate,
  // A topic stands for the alarms that people read; what hands its messages to code would be missed.
  'AWS::SNS::Subscription': ({ Protocol }) => DELIVERIES.includes(String(Protocol)) && `delivers to ${Protocol}`,
}

const DATA_SOURCES = ['AMAZON_DYNAMODB', 'AWS_LAMBDA', 'HTTP', 'NONE']
const DELIVERIES = ['sqs', 'lambda', 'firehose', 'http', 'https']

type AssetPath = (objectKey: string) => string

/**
 * Names a resource that the local cloud cannot put up, with what about it; undefined for one that it can, or that has no
 * effect on what runs.
 */
export function unsupported(logicalId: string, resource: Resource, assetPath: AssetPath): string | undefined {
  const { Type, Properties = {} } = resource
  if (!DEPLOYERS[Type] && !notEmulated.knows(Type)) return `${Type} (${logicalId})`
  const what = LIMITS[Type]?.(Properties, assetPath)
  return what ? `${Type} (${logicalId}: ${what})` : undefined
}

function unsupportedFunction({ Code, PackageType, Runtime }: Properties, assetPath: AssetPath): string | undefined {
  if (PackageType === 'Image') return 'a container image'
  if (typeof Runtime === 'string' && !Runtime.startsWith('nodejs')) return `runtime ${Runtime}`
  const { S3Key } = (Code ?? {}) as { S3Key?: unknown }
  if (S3Key === undefined) return 'inline code, not an asset'
  // Only a key that stands there as a text is one of the app's own assets.
  if (typeof S3Key !== 'string') return 'code in a bucket, not an asset'
  return /\.(zip|jar)$/.test(assetPath(S3Key)) ? 'an archive; make its folder the asset' : undefined
}

function mappingTemplate(properties: Properties): string | false {
  return (
    Object.keys(properties).some((name) => /MappingTemplate/.test(name)) && 'a VTL mapping template, not JavaScript'
  )
}
