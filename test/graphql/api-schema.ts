import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** A schema along with what AppSync knows by itself. */
export function appSyncSchema(sdl: string) {
  return buildSchema(`
    directive @aws_iam on OBJECT | FIELD_DEFINITION
    directive @aws_cognito_user_pools on OBJECT | FIELD_DEFINITION
    directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
    scalar AWSDateTime
    scalar AWSTimestamp
    ${sdl}`)
}

export const apiSchema = appSyncSchema(readFileSync('graphql/schema.graphql', 'utf8'))

const SCALARS: Record<string, unknown> = {
  ...{ ID: 'an-id', String: 'text', Int: 7, Float: 0.5, Boolean: true },
  ...{ AWSDateTime: '2026-03-01T13:00:00.000Z', AWSTimestamp: 4_000_000_000 },
}

/** One value of each field of a type or an input, by what the schema says of it. */
export function sampleOf(typeName: string): Record<string, unknown> {
  const type = apiSchema.getType(typeName)
  if (!isObjectType(type) && !isInputObjectType(type)) throw new Error(`the schema has no type ${typeName}`)
  return Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, sampleValue(field.type)]))
}

function sampleValue(type: GraphQLType): unknown {
  if (isNonNullType(type)) return sampleValue(type.ofType)
  if (isListType(type)) return [sampleValue(type.ofType)]
  const { name } = getNamedType(type)
  if (isEnumType(type)) return type.getValues().at(-1)?.value
  return name in SCALARS ? SCALARS[name] : sampleOf(name)
}
