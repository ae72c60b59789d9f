import type { Template } from './template.ts'

/** What a template's values may refer to. Looking a resource up waits until it is deployed. */
export interface Scope {
  template: Template
  parameters: Record<string, unknown>
  pseudoParameters: Record<string, string>
  ref(logicalId: string): Promise<unknown>
  attribute(logicalId: string, name: string): Promise<unknown>
  /** What another stack exports. */
  importValue(name: string): Promise<unknown>
  /** What another stack puts out, exported or not. */
  stackOutput(stackName: string, output: string): Promise<unknown>
}

type Intrinsic = (argument: unknown, scope: Scope) => Promise<unknown>

const INTRINSICS: Record<string, Intrinsic> = {
  Ref: (name, scope) => reference(String(name), scope),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.')
    return scope.attribute(logicalId as string, path.join('.'))
  },
  'Fn::Join': async (argument, scope) => {
    const [separator, parts] = (await resolve(argument, scope)) as [string, unknown[]]
    return parts.join(separator)
  },
  'Fn::Sub': substitute,
  'Fn::Select': async (argument, scope) => {
    const [index, list] = (await resolve(argument, scope)) as [number | string, unknown[]]
    return list[Number(index)]
  },
  'Fn::Split': async (argument, scope) => {
    const [separator, text] = (await resolve(argument, scope)) as [string, string]
    return text.split(separator)
  },
  'Fn::Base64': async (argument, scope) => Buffer.from(String(await resolve(argument, scope))).toString('base64'),
  'Fn::If': async (argument, scope) => {
    const [name, yes, no] = argument as [string, unknown, unknown]
    return resolve((await condition(name, scope)) ? yes : no, scope)
  },
  'Fn::FindInMap': async (argument, scope) => {
    const [map, key, name] = (await resolve(argument, scope)) as [string, string, string]
    return scope.template.Mappings?.[map]?.[key]?.[name]
  },
  'Fn::ImportValue': async (argument, scope) => scope.importValue(String(await resolve(argument, scope))),
  'Fn::GetStackOutput': async (argument, scope) => {
    const { StackName, OutputName } = (await resolve(argument, scope)) as { StackName: string; OutputName: string }
    return scope.stackOutput(StackName, OutputName)
  },
  'Fn::GetAZs': async (_argument, { pseudoParameters }) =>
    ['a', 'b', 'c'].map((az) => pseudoParameters['AWS::Region'] + az),
  'Fn::Length': async (argument, scope) => ((await resolve(argument, scope)) as unknown[]).length,
  'Fn::ToJsonString': async (argument, scope) => JSON.stringify(await resolve(argument, scope)),
  'Fn::Equals': async (argument, scope) => {
    const [left, right] = (await resolve(argument, scope)) as [unknown, unknown]
    return left === right
  },
  'Fn::Not': async (argument, scope) => !((await resolve(argument, scope)) as [boolean])[0],
  'Fn::And': async (argument, scope) => ((await resolve(argument, scope)) as boolean[]).every(Boolean),
  'Fn::Or': async (argument, scope) => ((await resolve(argument, scope)) as boolean[]).some(Boolean),
  Condition: (name, scope) => condition(String(name), scope),
}

/** The value of `{"Ref":"AWS::NoValue"}`: the property that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue')

/** Replaces every intrinsic function in `value` by what it stands for. */
export async function resolve(value: unknown, scope: Scope): Promise<unknown> {
  if (Array.isArray(value)) {
    const items = await Promise.all(value.map((item) => resolve(item, scope)))
    return items.filter((item) => item !== NO_VALUE)
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [name, argument] = entries[0] ?? []
  if (entries.length === 1 && name && (name in INTRINSICS || name.startsWith('Fn::'))) {
    const intrinsic = INTRINSICS[name]
    if (!intrinsic)
      throw new Error(`the local cloud does not know ${name}; it knows ${Object.keys(INTRINSICS).join(', ')}`)
    return intrinsic(argument, scope)
  }
  const resolved = await Promise.all(entries.map(async ([key, inner]) => [key, await resolve(inner, scope)] as const))
  return Object.fromEntries(resolved.filter(([, inner]) => inner !== NO_VALUE))
}

/** Whether the named condition of the template holds. */
export async function condition(name: string, scope: Scope): Promise<boolean> {
  return Boolean(await resolve(scope.template.Conditions?.[name], scope))
}

async function reference(name: string, scope: Scope): Promise<unknown> {
  if (name === 'AWS::NoValue') return NO_VALUE
  if (name in scope.pseudoParameters) return scope.pseudoParameters[name]
  if (!scope.template.Parameters?.[name]) return scope.ref(name)
  const value = scope.parameters[name]
  if (value !== undefined) return value
  throw new Error(
    `the parameter ${name} of the template has no value and no default: give one by --parameter ${name}=…`,
  )
}

async function substitute(argument: unknown, scope: Scope): Promise<string> {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}]
  const variables = (await resolve(given, scope)) as Record<string, unknown>
  const parts = await Promise.all(
    String(text)
      .split(/(\$\{[^}]+\})/)
      .map(async (part) => {
        if (!part.startsWith('${')) return part
        const name = part.slice(2, -1)
        if (name.startsWith('!')) return `\${${name.slice(1)}}`
        if (name in variables) return String(variables[name])
        const [logicalId, ...path] = name.split('.')
        return String(
          path.length > 0 ? await scope.attribute(logicalId as string, path.join('.')) : await reference(name, scope),
        )
      }),
  )
  return parts.join('')
}
