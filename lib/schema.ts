import { join } from 'node:path'
import { Definition, SchemaFile } from 'aws-cdk-lib/aws-appsync'
import { parse, print, visit } from 'graphql'

export const GRAPHQL_FOLDER = join(import.meta.dirname, '../graphql')

/**
 * The schema as AppSync gets it, without a word to people: it would drop descriptions anyway, and has been seen to refuse
 * a schema for one that stands before an enum's value, or for a comment there.
 */
export function schemaDefinition(): Definition {
  const schema = new SchemaFile({ filePath: join(GRAPHQL_FOLDER, 'schema.graphql') })
  schema.definition = withoutWords(schema.definition)
  return Definition.fromSchema(schema)
}

function withoutWords(sdl: string): string {
  return print(
    visit(parse(sdl), {
      enter: (node) => ('description' in node && node.description ? { ...node, description: undefined } : undefined),
    }),
  )
}
