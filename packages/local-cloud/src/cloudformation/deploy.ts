import { type Deploying, deployStack, NESTED_STACK, type Outputs } from './deploy-stack.ts'
import { DEPLOYERS } from './resources/index.ts'
import { unsupported } from './resources/unsupported.ts'
import type { Services } from './services.ts'
import type { SynthesizedStack } from './template.ts'

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
  /** Resources that were passed over, as `Type (logical id)`. */
  skipped: string[]
}

/** Puts up the stacks, which come in the order of their dependencies, and sets them going when all of them stand. */
export async function deploy(
  stacks: SynthesizedStack[],
  services: Services,
  { skipUnknown = false, parameters = {} }: DeployOptions = {},
): Promise<Deployment> {
  const skipped = stacks.flatMap(unknownResources)
  if (skipped.length > 0 && !skipUnknown) throw new Error(refusal(skipped))
  const deploying: Deploying = {
    services,
    exports: new Map(),
    stacks: new Map(),
    standing: [],
    notEmulated: new Set(),
    passedOver: new Set(),
  }
  const outputs: Outputs = {}
  for (const stack of stacks) Object.assign(outputs, await deployStack(stack, parameters, deploying))
  services.appsync.open()
  await Promise.all(deploying.standing.map((resource) => resource.start?.()))
  return {
    outputs,
    stacks: Object.fromEntries(deploying.stacks),
    notEmulated: [...deploying.notEmulated].sort(),
    skipped,
  }
}

/** What cannot be put up and is not known to be without effect either, in the stack and in those within it. */
function unknownResources(stack: SynthesizedStack): string[] {
  return Object.entries(stack.template.Resources).flatMap(([logicalId, resource]) => {
    if (resource.Type !== NESTED_STACK) return unsupported(logicalId, resource) ?? []
    return unknownResources(stack.nested(logicalId, resource.Properties?.TemplateURL))
  })
}

/** Says every type that is not known at once, so that a template is not mended one error at a time. */
function refusal(unknown: string[]): string {
  return (
    `the local cloud does not emulate ${unknown.join(', ')}. Pass over what your code can do without by --skip-unknown ` +
    `(skipUnknown: true), or run a stack without it by --stack. It emulates ${Object.keys(DEPLOYERS).join(', ')}`
  )
}
