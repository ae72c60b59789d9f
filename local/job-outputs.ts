/** A stack's outputs by their keys, as `cdk deploy --outputs-file` writes them and the local cloud has them. */
export type StackOutputs = Record<string, string>

/** What a client must know to reach a set of agent jobs. */
export const NEEDED = ['GraphQLUrl', 'Region', 'UserPoolId', 'UserPoolClientId'] as const

/** The outputs of one set of agent jobs, by the names that the construct gave them. */
export type JobOutputs = StackOutputs & Record<(typeof NEEDED)[number], string>

interface JobSet {
  /** As the option takes it that picks one: the stack's name, and where a stack has several sets, the prefix of the set's keys. */
  name: string
  stack: string
  outputs: JobOutputs
}

/**
 * Finds the one set of agent jobs, or that which `wanted`, the value of `option`, names. A set's keys begin alike, with nothing or with the path of
 * its construct in the stack, and may end in the hash that CDK puts behind an id.
 */
export function jobOutputs(stacks: Record<string, StackOutputs>, wanted?: string, option = '--stack'): JobOutputs {
  const sets = Object.entries(stacks).flatMap(([stack, outputs]) => setsOf(stack, outputs))
  if (sets.length === 0) throw new Error(noSet(stacks))
  const named = sets.filter(({ name }) => name === wanted)
  const chosen = named.length > 0 ? named : sets.filter(({ stack }) => wanted === undefined || wanted === stack)
  const names = sets.map(({ name }) => name).join(', ')
  if (chosen.length === 0) throw new Error(`${option} must name a set of agent jobs: ${names}; got ${wanted}`)
  const [set, another] = chosen
  if (!set || another) throw new Error(`there are several sets of agent jobs: name one of ${names} by ${option}`)
  return set.outputs
}

function setsOf(stack: string, outputs: StackOutputs): JobSet[] {
  const prefixes = Object.keys(outputs).flatMap((key) => /^(.*)GraphQLUrl(?:[0-9A-F]{8})?$/.exec(key)?.[1] ?? [])
  const sets = prefixes.map((prefix) => ({ prefix, outputs: withoutPrefix(outputs, prefix) })).filter(isWhole)
  return sets.map(({ prefix, outputs }) => ({
    name: sets.length > 1 && prefix ? `${stack}.${prefix}` : stack,
    stack,
    outputs,
  }))
}

function withoutPrefix(outputs: StackOutputs, prefix: string): StackOutputs {
  const own = Object.entries(outputs).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length).replace(/[0-9A-F]{8}$/, ''), value]))
}

/** Another API of the stack has a URL as well, but not the rest. */
function isWhole<Set extends { outputs: StackOutputs }>(set: Set): set is Set & { outputs: JobOutputs } {
  return NEEDED.every((name) => set.outputs[name])
}

function noSet(stacks: Record<string, StackOutputs>): string {
  const came = Object.entries(stacks).map(
    ([stack, outputs]) => `${stack}: ${Object.keys(outputs).join(', ') || 'none'}`,
  )
  return (
    `no stack has the outputs of agent jobs, which end in ${NEEDED.join(', ')}; there are ${came.join('; ') || 'none'}. ` +
    'The construct AgentJobs writes them: deploy the stack that has it'
  )
}
