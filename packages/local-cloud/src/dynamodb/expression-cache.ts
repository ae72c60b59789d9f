type Named = Record<string, unknown>

/** What dynalite hands its parsers beside the text. */
interface ParseContext {
  attrNames?: Named
  attrVals?: Named
  unusedAttrNames: Named
  unusedAttrVals: Named
  isKeyCondition?: boolean
}

export interface ExpressionParser {
  parse(text: string, options: { context: ParseContext }): unknown
}

interface Template {
  tree: unknown
  /** Where the values of a later request go: the objects that stood for them in the first one. */
  placeholders: Map<unknown, string>
  usedNames: string[]
  usedValues: string[]
}

const keptTemplates = 2_000

/**
 * Makes `parser` remember what it has parsed.
 *
 * dynalite's generated parsers take milliseconds for a long update expression, far more than the write itself. The tree
 * depends on the text, the names and the types of the values, and not on the values themselves, so that a later request
 * gets a copy of the tree with its own values in it. A copy, because dynalite writes computed values into the tree.
 */
export function cacheParsedExpressions(parser: ExpressionParser): void {
  const parse = parser.parse
  const templates = new Map<string, Template>()
  parser.parse = (text, options) => {
    const { context } = options
    // The one check that looks at values: the bounds of BETWEEN.
    if (/between/i.test(text)) return parse(text, options)
    const key = templateKey(text, context)
    let template = templates.get(key)
    if (!template) {
      const unused = { unusedAttrNames: { ...context.attrNames }, unusedAttrVals: { ...context.attrVals } }
      const tree = parse(text, { ...options, context: { ...context, ...unused } })
      if (typeof tree === 'string') return tree // An error text: the request ends here.
      template = {
        tree,
        placeholders: new Map(Object.entries(context.attrVals ?? {}).map(([name, value]) => [value, name])),
        usedNames: Object.keys(context.attrNames ?? {}).filter((name) => !(name in unused.unusedAttrNames)),
        usedValues: Object.keys(context.attrVals ?? {}).filter((name) => !(name in unused.unusedAttrVals)),
      }
      if (templates.size >= keptTemplates) templates.clear()
      templates.set(key, template)
    }
    for (const name of template.usedNames) delete context.unusedAttrNames[name]
    for (const name of template.usedValues) delete context.unusedAttrVals[name]
    return fill(template.tree, template.placeholders, context.attrVals ?? {})
  }
}

function templateKey(text: string, { attrNames, attrVals, isKeyCondition }: ParseContext): string {
  let key = `${isKeyCondition ? 'key ' : ''}${text}`
  for (const name in attrNames) key += `\n${name}=${attrNames[name]}`
  for (const name in attrVals) key += `\n${name}:${Object.keys(attrVals[name] as object)[0]}`
  return key
}

function fill(node: unknown, placeholders: Map<unknown, string>, values: Named): unknown {
  if (typeof node !== 'object' || node === null) return node
  const name = placeholders.get(node)
  if (name !== undefined) return values[name]
  if (Array.isArray(node)) return node.map((child) => fill(child, placeholders, values))
  // No prototype, as dynalite looks attribute names up in such objects and one may be called `constructor`.
  const copy: Named = Object.create(null)
  for (const key in node) copy[key] = fill((node as Named)[key], placeholders, values)
  return copy
}
