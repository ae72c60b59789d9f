import { buildASTSchema, type DocumentNode, GraphQLError, type GraphQLSchema, isScalarType, Kind, parse } from 'graphql'
import { scalars } from './scalars.ts'

// What AppSync adds to every schema by itself.
const BUILT_IN = parse(`
  directive @aws_api_key on OBJECT | FIELD_DEFINITION
  directive @aws_iam on OBJECT | FIELD_DEFINITION
  directive @aws_oidc on OBJECT | FIELD_DEFINITION
  directive @aws_lambda on OBJECT | FIELD_DEFINITION
  directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
  directive @aws_auth(cognito_groups: [String!]) on FIELD_DEFINITION
  directive @aws_subscribe(mutations: [String!]) on FIELD_DEFINITION
  directive @aws_publish(subscriptions: [String!]) on FIELD_DEFINITION
  directive @canonical on OBJECT | FIELD_DEFINITION
  directive @hidden on OBJECT | FIELD_DEFINITION
  directive @renamed(to: String!) on OBJECT | FIELD_DEFINITION
  ${Object.keys(scalars)
    .map((name) => `scalar ${name}`)
    .join('\n')}
`)

const nameOf = (definition: DocumentNode['definitions'][number]) =>
  'name' in definition && definition.name ? `${definition.kind}:${definition.name.value}` : undefined

function withBuiltIns(sdl: string): DocumentNode {
  const own = parse(sdl)
  const declared = new Set(own.definitions.map(nameOf))
  const added = BUILT_IN.definitions.filter((definition) => !declared.has(nameOf(definition)))
  return { kind: Kind.DOCUMENT, definitions: [...added, ...own.definitions] }
}

/** The schema that requests run on, with AppSync's scalars. */
export function buildExecutableSchema(sdl: string): GraphQLSchema {
  try {
    const schema = buildASTSchema(withBuiltIns(sdl))
    for (const [name, behaviour] of Object.entries(scalars)) {
      const type = schema.getType(name)
      if (isScalarType(type)) Object.assign(type, behaviour)
    }
    return schema
  } catch (error) {
    const where = error instanceof GraphQLError ? error.toString() : (error as Error).message
    throw new Error(`the GraphQL schema cannot be read: ${where}`)
  }
}

/**
 * The same types without resolvers, and with scalars that pass values through: what was published is serialised
 * already, and a subscriber's selection is only read out of it.
 */
export function buildDeliverySchema(sdl: string): GraphQLSchema {
  return buildASTSchema(withBuiltIns(sdl))
}
