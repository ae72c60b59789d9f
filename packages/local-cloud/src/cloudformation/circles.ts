import type { Template } from './template.ts'

/** Refuses a template in which something waits for itself, as CloudFormation does: put up, it would wait for ever. */
export function refuseCircles(stackName: string, { Conditions = {}, Resources }: Template): void {
  const resources = Object.entries(Resources).map(([id, { DependsOn, Properties }]) => {
    return [id, [...[DependsOn ?? []].flat(), ...referredTo(Properties)]] as [string, string[]]
  })
  const conditions = Object.entries(Conditions).map(
    ([name, value]) => [name, conditionsIn(value)] as [string, string[]],
  )
  for (const graph of [resources, conditions]) {
    const circle = findCircle(new Map(graph))
    if (circle) throw new Error(`the stack ${stackName} has a circular dependency: ${circle.join(' → ')}`)
  }
}

function findCircle(graph: ReadonlyMap<string, string[]>): string[] | undefined {
  const done = new Set<string>()
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const next of graph.get(name) ?? []) {
      const circle = visit(next, [...path, name])
      if (circle) return circle
    }
    done.add(name)
    return undefined
  }
  for (const name of graph.keys()) {
    const circle = visit(name, [])
    if (circle) return circle
  }
  return undefined
}

/** The logical ids in `value`, and names of parameters among them, on which nothing waits. */
function referredTo(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return inner
    if (key === 'Fn::GetAtt') return String(Array.isArray(inner) ? inner[0] : inner).split('.', 1)
    if (key !== 'Fn::Sub') return referredTo(inner)
    const [text, given = {}] = [inner].flat() as [unknown, object?]
    const names = [...String(text).matchAll(/\$\{([^!.}]+)[.}]/g)].map(([, name = '']) => name)
    return [...names.filter((name) => !Object.hasOwn(given, name)), ...referredTo(given)]
  })
}

function conditionsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Condition' && typeof inner === 'string') return inner
    return key === 'Fn::If' && Array.isArray(inner) ? [String(inner[0]), ...conditionsIn(inner)] : conditionsIn(inner)
  })
}
