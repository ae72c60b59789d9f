import {
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputObjectTypeDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type TypeNode,
} from 'graphql'

const ROOT_TYPES = ['Query', 'Mutation', 'Subscription']

/** A field or an argument, its type taken apart. */
export interface Field {
  name: string
  /** Name of the type, whatever stands around it. */
  type: string
  isRequired: boolean
  /** A list; then its members are `type`, and may be null unless `hasRequiredMembers`. */
  isList: boolean
  hasRequiredMembers: boolean
  description?: string
  arguments: Field[]
  /** For the backend alone: no user's token reaches it. */
  isForBackend: boolean
}

/** What schema.graphql says, in the words that the generated files need. */
export interface ApiSchema {
  enums: EnumTypeDefinitionNode[]
  /** The types that hold data: neither the roots nor what only carries a page of them for Amplify's models. */
  objects: ObjectTypeDefinitionNode[]
  isEnum(type: string): boolean
  isObject(type: string): boolean
  isInput(type: string): boolean
  fields(type: string): Field[]
}

export function readSchema(sdl: string): ApiSchema {
  const { definitions } = parse(sdl)
  const objects = definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION)
  const inputs = definitions.filter((node) => node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
  const enums = definitions.filter((node) => node.kind === Kind.ENUM_TYPE_DEFINITION)
  return {
    enums,
    objects: objects.filter(({ name }) => !ROOT_TYPES.includes(name.value) && !name.value.startsWith('Model')),
    isEnum: (type) => enums.some(({ name }) => name.value === type),
    isObject: (type) => objects.some(({ name }) => name.value === type),
    isInput: (type) => inputs.some(({ name }) => name.value === type),
    fields: (type) => fieldsOf(type, [...objects, ...inputs]).map(readField),
  }
}

function fieldsOf(type: string, known: (ObjectTypeDefinitionNode | InputObjectTypeDefinitionNode)[]) {
  const found = known.find(({ name }) => name.value === type)
  if (!found?.fields) throw new Error(`graphql/schema.graphql must have a type or input ${type} with fields`)
  return found.fields
}

function readField(node: FieldDefinitionNode | InputValueDefinitionNode): Field {
  const whole = withoutNonNull(node.type)
  const member = whole.type.kind === Kind.LIST_TYPE ? withoutNonNull(whole.type.type) : whole
  if (member.type.kind !== Kind.NAMED_TYPE) throw new Error(`${node.name.value} must not be a list of lists`)
  const directives = (node.directives ?? []).map(({ name }) => name.value)
  return {
    name: node.name.value,
    type: member.type.name.value,
    isRequired: whole.isRequired,
    isList: whole.type.kind === Kind.LIST_TYPE,
    hasRequiredMembers: member.isRequired,
    description: node.description?.value,
    arguments: 'arguments' in node ? (node.arguments ?? []).map(readField) : [],
    isForBackend: directives.includes('aws_iam') && !directives.includes('aws_cognito_user_pools'),
  }
}

function withoutNonNull(type: TypeNode) {
  return type.kind === Kind.NON_NULL_TYPE ? { type: type.type, isRequired: true } : { type, isRequired: false }
}
