import { refuseCircles } from './circles.ts'
import { condition, resolve, type Scope } from './intrinsics.ts'
import type { PassedOver } from './passed-over.ts'
import { physicalName } from './physical-name.ts'
import type { DeployedResource, Deployer, ResourceRequest } from './resource.ts'
import { DEPLOYERS } from './resources/index.ts'
import { notEmulated } from './resources/not-emulated.ts'
import { unsupported } from './resources/unsupported.ts'
import type { Services } from './services.ts'
import type { Parameter, Resource, SynthesizedStack } from './template.ts'

export const NESTED_STACK = 'AWS::CloudFormation::Stack'

export type Outputs = Record<string, string>

/** What the stacks of a deployment share while they are put up. */
export interface Deploying {
  services: Services
  /** What stacks hand to each other, by the name of the export. */
  exports: Map<string, string>
  /** Nested ones too, by their names. */
  stacks: Map<string, Outputs>
  standing: DeployedResource[]
  notEmulated: Set<string>
  passedOver: PassedOver
  /** What was passed over, as `Type (logical id: why)`. */
  skipped: string[]
}

/** Puts every resource of the stack up on the local services, in the order their references ask for. */
export async function deployStack(
  stack: SynthesizedStack,
  given: Record<string, unknown>,
  deploying: Deploying,
): Promise<Outputs> {
  const { template, stackName } = stack
  refuseCircles(stackName, template)
  const deployed = new Map<string, Promise<DeployedResource>>()
  const scope: Scope = {
    template,
    parameters: parameterValues(stackName, template.Parameters ?? {}, given),
    pseudoParameters: pseudoParameters(stackName, deploying.services),
    ref: async (logicalId) => (await deployOne(logicalId)).ref,
    async attribute(logicalId, name) {
      const { attributes, attribute, ref } = await deployOne(logicalId)
      const value = attributes?.[name] ?? attribute?.(name)
      if (value === undefined)
        throw new Error(`${template.Resources[logicalId]?.Type} ${ref} has no attribute ${name} in the local cloud`)
      return value
    },
    importValue: (name) => known(deploying.exports.get(name), `no stack exports ${name}`),
    stackOutput: (stackName, output) =>
      known(deploying.stacks.get(stackName)?.[output], `no stack ${stackName} with the output ${output} stands`),
  }

  function deployOne(logicalId: string): Promise<DeployedResource> {
    const standing = deployed.get(logicalId) ?? create(logicalId)
    deployed.set(logicalId, standing)
    return standing
  }

  async function create(logicalId: string): Promise<DeployedResource> {
    const resource = template.Resources[logicalId]
    if (!resource) throw new Error(`the template refers to ${logicalId}, which is no resource or parameter of it`)
    await Promise.all((await standingOf([resource.DependsOn ?? []].flat())).map(deployOne))
    const properties = (await resolve(resource.Properties ?? {}, scope)) as Record<string, unknown>
    if (resource.Type === NESTED_STACK) return deployNested(stack, logicalId, properties, deploying)
    const request: ResourceRequest = {
      logicalId,
      physicalName: physicalName(stackName, logicalId),
      properties,
      stack,
      services: deploying.services,
    }
    return deployerOf(resource, request, deploying)(request)
  }

  /** A resource whose condition does not hold is not there to be waited for. */
  async function standingOf(logicalIds: string[]): Promise<string[]> {
    const resources = logicalIds.map((id) => [id, template.Resources[id] ?? {}] as [string, { Condition?: string }])
    return (await keepWithCondition(resources, scope)).map(([id]) => id)
  }

  const wanted = await keepWithCondition(Object.entries(template.Resources), scope)
  deploying.standing.push(...(await Promise.all(wanted.map(([logicalId]) => deployOne(logicalId)))))
  const outputs = await resolveOutputs(scope, deploying.exports)
  deploying.stacks.set(stackName, outputs)
  return outputs
}

function deployerOf(
  resource: Resource,
  request: ResourceRequest,
  { notEmulated: withoutEffect, passedOver, skipped }: Deploying,
): Deployer {
  const { logicalId, properties, stack } = request
  const deployer = DEPLOYERS[resource.Type]
  const isCut = deployer && passedOver.carries(properties)
  const what =
    unsupported(logicalId, resource, stack.assetPath) ??
    (isCut && `${resource.Type} (${logicalId}: stands on what was passed over)`)
  if (what) {
    passedOver.add(request)
    skipped.push(what)
  } else if (deployer) return deployer
  else withoutEffect.add(resource.Type)
  return notEmulated(resource.Type)
}

async function deployNested(
  stack: SynthesizedStack,
  logicalId: string,
  { TemplateURL, Parameters }: Record<string, unknown>,
  deploying: Deploying,
): Promise<DeployedResource> {
  const nested = stack.nested(logicalId, TemplateURL)
  const outputs = await deployStack(nested, (Parameters ?? {}) as Record<string, unknown>, deploying)
  const { accountId, region } = deploying.services.identity
  return {
    ref: `arn:aws:cloudformation:${region}:${accountId}:stack/${nested.stackName}/local`,
    attributes: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`Outputs.${name}`, value])),
  }
}

function parameterValues(
  stackName: string,
  parameters: Record<string, Parameter>,
  given: Record<string, unknown>,
): Record<string, unknown> {
  // One without a value is an error only where it is referred to: not each does what a local cloud has to know.
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { Default, Type }]) => {
      // There is no parameter store to look in: what is given is the value itself, and else something stands in for it.
      const otherwise = Type.startsWith('AWS::SSM::') ? `${stackName}-${Default}` : Default
      return [name, given[name] ?? otherwise]
    }),
  )
}

async function known(value: string | undefined, otherwise: string): Promise<string> {
  if (value !== undefined) return value
  throw new Error(`${otherwise}: let the local cloud run the stack that has it too`)
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

async function resolveOutputs(scope: Scope, exports: Map<string, string>): Promise<Outputs> {
  const outputs = await keepWithCondition(Object.entries(scope.template.Outputs ?? {}), scope)
  const resolved = outputs.map(async ([name, { Value, Export }]) => {
    const value = String(await resolve(Value, scope))
    if (Export) exports.set(String(await resolve(Export.Name, scope)), value)
    return [name, value] as const
  })
  return Object.fromEntries(await Promise.all(resolved))
}

function pseudoParameters(stackName: string, { identity }: Services): Record<string, string> {
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
