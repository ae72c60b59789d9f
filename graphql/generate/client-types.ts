import type { ApiSchema, Field } from './api-schema.ts'

const SCALARS: Record<string, string> = {
  ...{ ID: 'string', String: 'string', Int: 'number', Float: 'number', Boolean: 'boolean' },
  ...{ AWSDateTime: 'string', AWSTimestamp: 'number' },
}

/** The API's types in TypeScript: what a client reads, and the input of a create. */
export function clientTypes(schema: ApiSchema): string {
  const objects = schema.objects.map(({ name, description }) =>
    interfaceOf(schema, name.value, description?.value, readMember),
  )
  const input = interfaceOf(schema, 'CreateAgentJobInput', undefined, givenMember)
  const enums = schema.enums.map(({ name, description, values = [] }) => {
    const options = values.map((value) => `${comment(value.description?.value)}| '${value.name.value}'`)
    return `${comment(description?.value)}export type ${name.value} =\n${options.join('\n')}`
  })
  return [...objects, input, ...enums].join('\n\n')
}

function interfaceOf(
  schema: ApiSchema,
  name: string,
  says: string | undefined,
  member: (field: Field, type: string) => string,
): string {
  const members = schema
    .fields(name)
    .map((field) => `${comment(field.description)}${member(field, typeScript(schema, field))}`)
  return `${comment(says)}export interface ${name} {\n${members.join('\n')}\n}`
}

/** Absent when it was not selected, null when it has no value. */
function readMember({ name, isRequired }: Field, type: string): string {
  return isRequired ? `${name}: ${type}` : `${name}?: ${type} | null`
}

function givenMember({ name, isRequired }: Field, type: string): string {
  return `${name}${isRequired ? '' : '?'}: ${type}`
}

/** The arguments of a field as one object. */
export function argumentsOf(schema: ApiSchema, field: Field): string {
  return `{ ${field.arguments.map((argument) => givenMember(argument, typeScript(schema, argument))).join('; ')} }`
}

/** The type of a field's value when it is there. */
export function typeScript(schema: ApiSchema, { name, type, isList, hasRequiredMembers }: Field): string {
  const known = schema.isEnum(type) || schema.isObject(type) ? type : SCALARS[type]
  if (!known) {
    const scalars = Object.keys(SCALARS).join(', ')
    throw new Error(`${name} must be of a type or an enum of graphql/schema.graphql, or ${scalars}; got ${type}`)
  }
  if (!isList) return known
  return hasRequiredMembers ? `${known}[]` : `(${known} | null)[]`
}

function comment(text: string | undefined): string {
  if (!text) return ''
  const lines = text.split('\n')
  return lines.length === 1 ? `/** ${text} */\n` : `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`
}
