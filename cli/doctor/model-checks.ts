import { ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import type { Aws } from './aws.ts'
import type { Finding } from './finding.ts'
import { fine, wrong } from './finding.ts'
import { explained } from './ways-out.ts'

interface Availability {
  agreementAvailability?: { status?: string; errorMessage?: string }
  authorizationStatus?: string
  entitlementAvailability?: string
  regionAvailability?: string
}

interface Profile {
  status?: string
  inferenceProfileName?: string
  models?: { modelArn?: string }[]
}

const GEOGRAPHY = /^(us-gov|us|eu|apac|jp|au|ca|in|global)\.(?=[a-z0-9]+\.)/

/** Whether Bedrock offers the model to this account: behind a profile, in the regions that the profile picks. */
export async function checkAvailability(aws: Aws, modelId: string): Promise<Finding> {
  const isProfile = modelId.startsWith('arn:') || GEOGRAPHY.test(modelId)
  const profile = isProfile ? await readProfile(aws, modelId) : undefined
  if (profile && profile.status !== 'ACTIVE') {
    return wrong(`the inference profile ${modelId} is ${profile.status}`, 'Name another with --model.')
  }
  const model = profile?.models?.[0]?.modelArn?.split('foundation-model/')[1] ?? modelId.replace(GEOGRAPHY, '')
  const path = `/foundation-model-availability/${encodeURIComponent(model)}`
  const found = JSON.parse(await aws.ask({ service: 'bedrock', path })) as Availability
  const { agreementAvailability, authorizationStatus, entitlementAvailability, regionAvailability } = found
  const agreement = agreementAvailability?.status
  const states = `authorization ${authorizationStatus}, entitlement ${entitlementAvailability}, agreement ${agreement}, region ${regionAvailability}`
  const came = `${model}: ${states}${agreementAvailability?.errorMessage ? ` (${agreementAvailability.errorMessage})` : ''}`
  if (authorizationStatus !== 'AUTHORIZED') return wrong(came, explained(new Error('explicit deny')).wayOut)
  if (regionAvailability !== 'AVAILABLE' && !isProfile)
    return wrong(came, explained(new Error('on-demand throughput')).wayOut)
  if (agreement !== 'AVAILABLE') return wrong(came, explained(new Error('aws-marketplace')).wayOut)
  if (entitlementAvailability !== 'AVAILABLE') return wrong(came, explained(new Error('use case details')).wayOut)
  return fine(profile ? `${came}; through ${modelId}` : came)
}

async function readProfile(aws: Aws, id: string): Promise<Profile> {
  return JSON.parse(await aws.ask({ service: 'bedrock', path: `/inference-profiles/${encodeURIComponent(id)}` }))
}

/** What agents do, as small as it can be: one streamed answer that must be a call of a tool. It costs some hundred tokens. */
export async function checkConverse(aws: Aws, modelId: string): Promise<Finding> {
  const began = performance.now()
  const { stream } = await aws.bedrock.send(
    new ConverseStreamCommand({
      modelId,
      messages: [{ role: 'user', content: [{ text: 'Say that you are ready.' }] }],
      inferenceConfig: { maxTokens: 1024 },
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: 'ready',
              description: 'Says whether you are ready.',
              inputSchema: {
                json: { type: 'object', properties: { ready: { type: 'boolean' } }, required: ['ready'] },
              },
            },
          },
        ],
        toolChoice: { tool: { name: 'ready' } },
      },
    }),
  )
  let called = false
  let stopReason: string | undefined
  let tokens: number | undefined
  for await (const event of stream ?? []) {
    called ||= event.contentBlockStart?.start?.toolUse !== undefined
    stopReason ??= event.messageStop?.stopReason
    tokens ??= event.metadata?.usage?.totalTokens
  }
  const came = `${modelId} ended with ${stopReason ?? 'no stop reason'} after ${Math.round(performance.now() - began)} ms, ${tokens ?? '?'} tokens`
  if (called && stopReason) return fine(came)
  return wrong(
    stopReason ? `${came}, without a call of the tool` : `${came}: the answer broke off`,
    stopReason
      ? explained(new Error('toolChoice')).wayOut
      : 'Try again; if it goes on, look at the network to Bedrock.',
  )
}
