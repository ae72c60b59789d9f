import { Stack, Validations } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { impossibleSetting } from '../sdk/model-families.ts'
import type { AgentRegistry } from './agent-registry.ts'

/**
 * A profile that any commercial region may call, of a model that takes a forced tool call: that is how agents get their
 * output in shape, and not every model allows it (Claude Sonnet 5.5 refuses).
 */
export const DEFAULT_MODEL_ID = 'global.anthropic.claude-haiku-5-5'

/** A model id taken apart: an inference profile is the id of the model it fronts, after a geography. */
export interface ModelId {
  readonly id: string
  readonly foundationModel: string
  /** `us`, `eu`, … or `global`; undefined when the id names the model itself. */
  readonly geography?: string
  /** The ARN of an application inference profile, which does not say what model it fronts, or where. */
  readonly profileArn?: string
}

const PROFILE_ARN = /^arn:aws[\w-]*:bedrock:[\w-]+:\d{12}:application-inference-profile\/[a-z0-9]+$/

export function parseModelId(id: string): ModelId {
  if (PROFILE_ARN.test(id)) return { id, foundationModel: '*', profileArn: id }
  const match = /^(?:(us|us-gov|eu|apac|jp|au|ca|in|global)\.)?([a-z0-9]+\.[a-z0-9][a-z0-9.:-]*)$/.exec(id)
  if (!match?.[2]) {
    throw new Error(
      `modelId must be a Bedrock model id (anthropic.claude-…) or a system inference profile id (us., eu., apac., global. … ` +
        `before it), or the ARN of an application inference profile, got ${JSON.stringify(id)}. \`aws bedrock list-inference-profiles\` shows those of your region.`,
    )
  }
  return { id, foundationModel: match[2], geography: match[1] }
}

/** Refuses what an agent asks of a model that is known not to take it: its jobs would all fail, one by one. */
export function checkModelSettings(modelId: string, { modelSettings }: AgentRegistry): void {
  for (const [agent, settings] of Object.entries(modelSettings)) {
    const fault = impossibleSetting(modelId, settings)
    if (fault) throw new Error(`Agent ${agent}: ${fault}. Change the agent, or the modelId of the stack`)
  }
}

/**
 * Lets a function subscribe the account to a model in AWS Marketplace, and only as Bedrock does it when a model is asked for
 * the first time. Marketplace's actions have no resources.
 */
export function grantSubscription(grantee: LambdaFunction): void {
  grantee.addToRolePolicy(
    new PolicyStatement({
      actions: ['Subscribe', 'Unsubscribe', 'ViewSubscriptions'].map((action) => `aws-marketplace:${action}`),
      resources: ['*'],
      conditions: { StringEquals: { 'aws:CalledViaLast': 'bedrock.amazonaws.com' } },
    }),
  )
  Validations.of(grantee.role ?? grantee).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: "Marketplace's actions have no resources; allowed through Bedrock only.",
  })
}

/** Lets a function talk to one model, and to nothing else of Bedrock. */
export function grantModel(grantee: LambdaFunction, model: ModelId): void {
  const stack = Stack.of(grantee)
  const modelArn = (region: string) =>
    `arn:${stack.partition}:bedrock:${region}::foundation-model/${model.foundationModel}`
  // Converse and ConverseStream have no IAM action of their own: agents stream, so this one is enough.
  const allow = (resources: string[], conditions?: Record<string, Record<string, string>>) =>
    grantee.addToRolePolicy(
      new PolicyStatement({ actions: ['bedrock:InvokeModelWithResponseStream'], resources, conditions }),
    )
  if (!model.geography && !model.profileArn) {
    allow([modelArn(stack.region)])
    return
  }
  const systemProfile = { service: 'bedrock', resource: 'inference-profile', resourceName: model.id }
  const profileArn = model.profileArn ?? stack.formatArn(systemProfile)
  const throughProfile = { StringEquals: { 'bedrock:InferenceProfileArn': profileArn } }
  allow([profileArn])
  // Bedrock asks once more for the model in the region that it sends a request to; a global profile names none.
  if (model.geography === 'global') {
    allow([modelArn(stack.region), modelArn('')], throughProfile)
    return
  }
  allow([modelArn('*')], throughProfile)
  Validations.of(grantee.role ?? grantee).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:bedrock:*::foundation-model/${model.foundationModel}]`,
    reason: 'The model of one profile, in whichever region that picks; allowed through that profile only.',
  })
}
