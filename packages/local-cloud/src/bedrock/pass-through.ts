import type { BedrockRuntimeClient, ConverseStreamCommandInput } from '@aws-sdk/client-bedrock-runtime'
import type { AwsError } from '../aws-error.ts'
import { bedrockError, isBedrockErrorCode } from './bedrock-error.ts'
import type { ConverseBody, ConverseStreamEvent, ModelAnswerer } from './operation.ts'

/** Passes each request on to the real Bedrock, as `modelId`, with the credentials of whoever runs this. It costs money. */
export function passThrough(modelId: string): ModelAnswerer {
  let client: Promise<BedrockRuntimeClient> | undefined
  return Object.assign(answer, { spends: true })

  async function* answer(...[request, askedModelId, signal]: Parameters<ModelAnswerer>) {
    client ??= realClient()
    try {
      const { ConverseStreamCommand } = await import('@aws-sdk/client-bedrock-runtime')
      const command = new ConverseStreamCommand(requestOf(request, askedModelId, modelId))
      const { stream } = await (await client).send(command, { abortSignal: signal })
      for await (const event of stream ?? []) yield event as ConverseStreamEvent
    } catch (error) {
      throw signal.aborted ? error : named(error)
    }
  }
}

/** What was said to one family of models alone is not said to another. */
export function requestOf(request: ConverseBody, askedModelId: string, modelId: string): ConverseStreamCommandInput {
  const { additionalModelRequestFields, ...plain } = request
  const fields = familyOf(askedModelId) === familyOf(modelId) ? additionalModelRequestFields : undefined
  return { ...plain, modelId, ...(fields && { additionalModelRequestFields: fields }) } as ConverseStreamCommandInput
}

/** The name of a model without geography, date and version. */
function familyOf(modelId: string): string {
  return modelId.replace(/^(us|us-gov|eu|apac|jp|au|ca|in|global)\./, '').replace(/(-\d{8})?(-v\d+)?(:\d+)?$/, '')
}

/** One line when no credentials or no region can be found. */
export async function checkCredentials(modelId: string): Promise<string | undefined> {
  try {
    const client = await realClient()
    await client.config.credentials()
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `bedrock:${modelId} needs AWS credentials and a region (${reason}): run \`aws sso login\` or set AWS_PROFILE and AWS_REGION, or use \`--model offline\`.`
  }
}

// The SDK is loaded only by those who use this, to keep the start of the local cloud short.
async function realClient(): Promise<BedrockRuntimeClient> {
  const { BedrockRuntimeClient } = await import('@aws-sdk/client-bedrock-runtime')
  const region = await new BedrockRuntimeClient({}).config.region()
  // Named outright, since AWS_ENDPOINT_URL may point at this very local cloud and the request would come back for ever.
  const endpoint = `https://bedrock-runtime.${region}.amazonaws.com`
  return new BedrockRuntimeClient({ region, endpoint, maxAttempts: 1 })
}

function named(error: unknown): AwsError {
  const { name = '', message = String(error) } = error as Error
  if (isBedrockErrorCode(name)) return bedrockError(name, message, { cause: error })
  const denied = /Credentials|Token|Signature|UnrecognizedClient/.test(name)
  const kind = denied ? 'AccessDeniedException' : 'ServiceUnavailableException'
  return bedrockError(kind, `Bedrock could not be asked: ${name}: ${message}`, { cause: error })
}
