import { shortId } from './appsync-apis.ts'
import { type Deploying, deployStack, NESTED_STACK, type Outputs } from './deploy-stack.ts'
import { PassedOver } from './passed-over.ts'
import { physicalName } from './physical-name.ts'
import { DEPLOYERS } from './resources/index.ts'
import { unsupported } from './resources/unsupported.ts'
import type { Services } from './services.ts'
import type { Resource, SynthesizedStack } from './template.ts'

export interface DeployOptions {
  /** Passes over what is not emulated, where the start would be refused. */
  skipUnknown?: boolean
  /** Values of the stacks' parameters. */
  parameters?: Record<string, string>
}

export interface Deployment {
  /** The outputs of all stacks that are no nested ones. */
  outputs: Outputs
  /** The outputs of each stack, nested ones too, by its name. */
  stacks: Record<string, Outputs>
  /** Types that stand in the template and do nothing here, such as roles and alarms. */
  notEmulated: string[]
  /** Resources that were passed over, as `Type (logical id)`, and why where it is not the type. */
  skipped: string[]
}

/** Puts up the stacks, which come in the order of their dependencies, and sets them going when all of them stand. */
export async function deploy(
  stacks: SynthesizedStack[],
  services: Services,
  { skipUnknown = false, parameters = {} }: DeployOptions = {},
): Promise<Deployment> {
  const resources = stacks.flatMap(allResources)
  const unknown = resources.flatMap(
    ({ logicalId, resource, stack }) => unsupported(logicalId, resource, stack.assetPath) ?? [],
  )
  if (unknown.length > 0 && !skipUnknown) throw new Error(refusal(unknown))
  const deploying: Deploying = {
    services,
    exports: new Map(),
    stacks: new Map(),
    standing: [],
    notEmulated: new Set(),
    passedOver: new PassedOver(),
    skipped: [],
  }
  const apis = resources.filter(({ resource }) => resource.Type === 'AWS::AppSync::GraphQLApi')
  services.appsync.announce(apis.map(({ stack, logicalId }) => shortId(physicalName(stack.stackName, logicalId))))
  const outputs: Outputs = {}
  for (const stack of stacks) Object.assign(outputs, await deployStack(stack, parameters, deploying))
  services.appsync.open()
  await Promise.all(deploying.standing.map((resource) => resource.start?.()))
  return {
    outputs,
    stacks: Object.fromEntries(deploying.stacks),
    notEmulated: [...deploying.notEmulated].sort(),
    skipped: deploying.skipped,
  }
}

interface PlacedResource {
  stack: SynthesizedStack
  logicalId: string
  resource: Resource
}

/** The resources of the stack and of those within it. */
function allResources(stack: SynthesizedStack): PlacedResource[] {
  return Object.entries(stack.template.Resources).flatMap(([logicalId, resource]) => {
    if (resource.Type !== NESTED_STACK) return { stack, logicalId, resource }
    return allResources(stack.nested(logicalId, resource.Properties?.TemplateURL))
  })
}

/** Says every type that is not known at once, so that a template is not mended one error at a time. */
function refusal(unknown: string[]): string {
  return (
    `the local cloud does not emulate ${unknown.join(', ')}. Pass over what your code can do without by --skip-unknown ` +
    `(skipUnknown: true), or run a stack without it by --stack. It emulates ${Object.keys(DEPLOYERS).join(', ')}`
  )
}
