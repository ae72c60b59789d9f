import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  type TypeNode,
} from 'graphql'

type FieldType = string | { enum: string } | { model: string } | { nonModel: string } | { input: string }

export interface Shape {
  name: string
  type: FieldType
  isArray: boolean
  isRequired: boolean
  isArrayNullable?: boolean
}

type Fields = Record<string, Shape & { attributes: []; isReadOnly?: true }>
type Operations = Record<string, Shape & { arguments: Record<string, Shape> }>

const MODEL = 'AgentJob'
const PLURAL = 'AgentJobs'

// Amplify's `models.AgentJob` makes these itself.
const MODEL_OPERATIONS = [
  `get${MODEL}`,
  `list${PLURAL}`,
  `create${MODEL}`,
  `onCreate${MODEL}`,
  `onUpdate${MODEL}`,
  `onDelete${MODEL}`,
]

/**
 * What `generateClient()` of aws-amplify needs to know of the API, read off its schema, in the form that Amplify's own
 * generator writes: `client.models.AgentJob`, and the other operations as `client.queries`, `.mutations`, `.subscriptions`.
 */
export function modelIntrospection(sdl: string) {
  const schema = new SchemaReader(parse(sdl))
  const settable = schema.inputFieldNames(`Create${MODEL}Input`)
  const nonModels = schema.objectNames().filter((name) => name !== MODEL && !name.startsWith('Model'))
  return {
    version: 1 as const,
    models: {
      [MODEL]: {
        name: MODEL,
        fields: schema.fields(MODEL, (field) => !settable.includes(field)),
        syncable: true,
        pluralName: PLURAL,
        attributes: [
          { type: 'model', properties: {} },
          { type: 'auth', properties: { rules: [{ allow: 'owner', ownerField: 'owner', provider: 'userPools' }] } },
        ],
        primaryKeyInfo: { isCustomPrimaryKey: false, primaryKeyFieldName: 'id', sortKeyFieldNames: [] },
      },
    },
    enums: schema.enums(),
    nonModels: Object.fromEntries(nonModels.map((name) => [name, { name, fields: schema.fields(name, () => false) }])),
    queries: schema.operations('Query'),
    mutations: schema.operations('Mutation'),
    subscriptions: schema.operations('Subscription'),
  }
}

class SchemaReader {
  readonly #document: DocumentNode

  constructor(document: DocumentNode) {
    this.#document = document
  }

  /** Names of the types that hold data. */
  objectNames(): string[] {
    return this.#objects()
      .map(({ name }) => name.value)
      .filter((name) => !['Query', 'Mutation', 'Subscription'].includes(name))
  }

  fields(typeName: string, isReadOnly: (field: string) => boolean): Fields {
    const shapes = this.#fieldsOf(typeName).map((field) => ({
      ...this.#shape(field),
      attributes: [] as [],
      ...(isReadOnly(field.name.value) ? { isReadOnly: true as const } : {}),
    }))
    return Object.fromEntries(shapes.map((shape) => [shape.name, shape]))
  }

  inputFieldNames(typeName: string): string[] {
    const input = this.#document.definitions.find(
      (node) => node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && node.name.value === typeName,
    )
    return input?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? (input.fields ?? []).map(({ name }) => name.value) : []
  }

  enums(): Record<string, { name: string; values: string[] }> {
    const enums = this.#document.definitions.filter((node) => node.kind === Kind.ENUM_TYPE_DEFINITION)
    return Object.fromEntries(
      enums.map(({ name, values = [] }) => [
        name.value,
        { name: name.value, values: values.map((value) => value.name.value) },
      ]),
    )
  }

  /** The operations of a root type that are open to users and that the model does not make itself. */
  operations(rootType: string): Operations {
    const open = this.#fieldsOf(rootType).filter(
      ({ name, directives = [] }) => !MODEL_OPERATIONS.includes(name.value) && !isForBackend(directives),
    )
    const shapes = open.map((field) => ({
      ...this.#shape(field),
      arguments: Object.fromEntries((field.arguments ?? []).map((input) => [input.name.value, this.#shape(input)])),
    }))
    return Object.fromEntries(shapes.map((shape) => [shape.name, shape]))
  }

  #objects() {
    return this.#document.definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION)
  }

  #fieldsOf(typeName: string): readonly FieldDefinitionNode[] {
    const found = this.#objects().find(({ name }) => name.value === typeName)
    if (!found) throw new Error(`graphql/schema.graphql must have a type ${typeName}`)
    return found.fields ?? []
  }

  /** For a list, `isRequired` speaks of its members. */
  #shape({ name, type }: FieldDefinitionNode | InputValueDefinitionNode): Shape {
    const whole = unwrapNonNull(type)
    const base = { name: name.value, isArray: whole.type.kind === Kind.LIST_TYPE }
    if (whole.type.kind !== Kind.LIST_TYPE) {
      return { ...base, type: this.#typeOf(whole.type.name.value), isRequired: whole.required }
    }
    const member = unwrapNonNull(whole.type.type)
    if (member.type.kind !== Kind.NAMED_TYPE) throw new Error(`${name.value}: Amplify knows no lists of lists`)
    return {
      ...base,
      type: this.#typeOf(member.type.name.value),
      isRequired: member.required,
      isArrayNullable: !whole.required,
    }
  }

  #typeOf(name: string): FieldType {
    if (name === MODEL) return { model: name }
    const definition = this.#document.definitions.find((node) => 'name' in node && node.name?.value === name)
    if (definition?.kind === Kind.ENUM_TYPE_DEFINITION) return { enum: name }
    if (definition?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return { input: name }
    return definition ? { nonModel: name } : name
  }
}

function isForBackend(directives: readonly ConstDirectiveNode[]): boolean {
  const names = directives.map(({ name }) => name.value)
  return names.includes('aws_iam') && !names.includes('aws_cognito_user_pools')
}

function unwrapNonNull(type: TypeNode) {
  return type.kind === Kind.NON_NULL_TYPE ? { type: type.type, required: true } : { type, required: false }
}
