import { condition, resolve, type Scope } from './intrinsics.ts'
import type { DeployedResource, Deployer } from './resource.ts'
import { appSyncResources } from './resources/appsync.ts'
import { cognitoResources } from './resources/cognito.ts'
import { dynamoDbResources } from './resources/dynamodb.ts'
import { lambdaResources } from './resources/lambda.ts'
import { notEmulated } from './resources/not-emulated.ts'
import { s3Resources } from './resources/s3.ts'
import { schedulerResources } from './resources/scheduler.ts'
import { sqsResources } from './resources/sqs.ts'
import type { Services } from './services.ts'
import type { SynthesizedStack } from './template.ts'

export interface Deployment {
  stackName: string
  outputs: Record<string, string>
  /** Types that stand in the template and do nothing here, such as roles and alarms. */
  notEmulated: string[]
}

const DEPLOYERS: Record<string, Deployer> = {
  ...dynamoDbResources,
  ...sqsResources,
  ...s3Resources,
  ...lambdaResources,
  ...appSyncResources,
  ...cognitoResources,
  ...schedulerResources,
}

/** Puts every resource of the stack up on the local services, in the order their references ask for. */
export async function deploy(stack: SynthesizedStack, services: Services): Promise<Deployment> {
  refuseUnknown(stack)
  const { template } = stack
  const deployed = new Map<string, Promise<DeployedResource>>()
  const scope: Scope = {
    template,
    pseudoParameters: pseudoParameters(stack, services),
    ref: async (logicalId) => (await deployOne(logicalId)).ref,
    async attribute(logicalId, name) {
      const { attributes, ref } = await deployOne(logicalId)
      const value = attributes?.[name]
      if (value === undefined)
        throw new Error(`${template.Resources[logicalId]?.Type} ${ref} has no attribute ${name} in the local cloud`)
      return value
    },
  }

  function deployOne(logicalId: string): Promise<DeployedResource> {
    const standing = deployed.get(logicalId) ?? create(logicalId)
    deployed.set(logicalId, standing)
    return standing
  }

  async function create(logicalId: string): Promise<DeployedResource> {
    const resource = template.Resources[logicalId]
    if (!resource) throw new Error(`the template refers to ${logicalId}, which is no resource or parameter of it`)
    await Promise.all([resource.DependsOn ?? []].flat().map(deployOne))
    const properties = (await resolve(resource.Properties ?? {}, scope)) as Record<string, unknown>
    const request = { logicalId, physicalName: `${stack.stackName}-${logicalId}`, properties, stack, services }
    return (DEPLOYERS[resource.Type] ?? notEmulated(resource.Type))(request)
  }

  const wanted = await keepWithCondition(Object.entries(template.Resources), scope)
  const standing = await Promise.all(wanted.map(([logicalId]) => deployOne(logicalId)))
  services.appsync.open()
  await Promise.all(standing.map((resource) => resource.start?.()))
  return {
    stackName: stack.stackName,
    outputs: await resolveOutputs(scope),
    notEmulated: [...new Set(wanted.map(([, { Type }]) => Type).filter((type) => !DEPLOYERS[type]))].sort(),
  }
}

/** Says every type that is not known at once, so that a template is not mended one error at a time. */
function refuseUnknown(stack: SynthesizedStack) {
  const resources = Object.entries(stack.template.Resources)
  const unknown = resources.filter(([, { Type }]) => !DEPLOYERS[Type] && !notEmulated.knows(Type))
  if (unknown.length === 0) return
  const names = unknown.map(([logicalId, { Type }]) => `${Type} (${logicalId})`).join(', ')
  throw new Error(
    `the local cloud does not emulate ${names}. It emulates ${Object.keys(DEPLOYERS).join(', ')}; ` +
      'take the resource out of the local stack, or add it under local/cloudformation/resources',
  )
}

async function keepWithCondition<T extends { Condition?: string }>(
  entries: [string, T][],
  scope: Scope,
): Promise<[string, T][]> {
  const keep = await Promise.all(
    entries.map(async ([, { Condition }]) => Condition === undefined || (await condition(Condition, scope))),
  )
  return entries.filter((_, index) => keep[index])
}

async function resolveOutputs(scope: Scope): Promise<Record<string, string>> {
  const outputs = await keepWithCondition(Object.entries(scope.template.Outputs ?? {}), scope)
  return Object.fromEntries(
    await Promise.all(outputs.map(async ([name, { Value }]) => [name, String(await resolve(Value, scope))])),
  )
}

function pseudoParameters({ stackName }: SynthesizedStack, { identity }: Services): Record<string, string> {
  const { accountId, region } = identity
  return {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
  }
}
