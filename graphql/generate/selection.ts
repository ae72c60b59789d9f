import type { ApiSchema } from './api-schema.ts'

const WIDTH = 100

/** A module that exports each type's whole selection under a name of its own. */
export function selectionModule(schema: ApiSchema, constants: Record<string, { type: string; says: string }>): string {
  return Object.entries(constants)
    .map(([name, { type, says }]) => `/** ${says} */\nexport const ${name} = \`${lines(selection(schema, type))}\``)
    .join('\n\n')
}

/** Every field of a type, one with a type of its own along with all in it. */
function selection(schema: ApiSchema, type: string): string[] {
  return schema
    .fields(type)
    .map(({ name, type: of }) => (schema.isObject(of) ? `${name} { ${selection(schema, of).join(' ')} }` : name))
}

/** GraphQL takes any white space between two fields. */
function lines(fields: string[]): string {
  const [first = '', ...rest] = fields
  return rest.reduce(
    ({ text, length }, field) =>
      length + field.length < WIDTH
        ? { text: `${text} ${field}`, length: length + field.length + 1 }
        : { text: `${text}\n  ${field}`, length: field.length + 2 },
    { text: first, length: first.length },
  ).text
}
