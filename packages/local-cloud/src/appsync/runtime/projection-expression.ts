/** Paths as a projection expression; each segment gets one alias, whichever path it stands in. */
export function projectionExpression(paths: string[]): { expression: string; expressionNames: Record<string, string> } {
  const aliases = new Map<string, string>()
  const alias = (segment: string) => {
    const known = aliases.get(segment) ?? `#expName_${aliases.size + 1}`
    aliases.set(segment, known)
    return known
  }
  const expression = paths.map((path) => path.split('.').map(alias).join('.')).join(', ')
  return { expression, expressionNames: Object.fromEntries([...aliases].map(([name, short]) => [short, name])) }
}
