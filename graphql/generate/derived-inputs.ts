import type { ApiSchema, Field } from './api-schema.ts'

/** publishAgentJob fills these in, so that a caller may leave them out. */
const FILLED_IN = ['version']

/** A push leaves these out when they are large: a filter over one of them would miss the job without a word. */
const LEFT_OUT_OF_PUSHES = ['requestData', 'resultData', 'resultPreview', 'partialResult']

/** Whose operators a column is filtered by, as Amplify has it. */
const FILTERED_AS: Record<string, string> = {
  ...{ ID: 'ID', String: 'String', AWSDateTime: 'String', Int: 'Int', AWSTimestamp: 'Int', Float: 'Float' },
  Boolean: 'Boolean',
}

/** The inputs that repeat the columns of AgentJob and AgentJobEvent. */
export function derivedInputs(schema: ApiSchema): string {
  const columns = schema.fields('AgentJob')
  // A list or a type in itself has no operators.
  const filterable = columns.filter(({ isList, type }) => !isList && !schema.isObject(type))
  const pushed = filterable.filter(({ name }) => !LEFT_OUT_OF_PUSHES.includes(name))
  const conditions = filterable.map((column) => `${column.name}: ${operators(schema, 'Model', column)}`)
  const pushConditions = pushed.map((column) => `${column.name}: ${operators(schema, 'ModelSubscription', column)}`)
  const nested = columns.filter(({ type }) => schema.isObject(type)).map(({ type }) => type)
  const enums = filterable.filter(({ type }) => schema.isEnum(type)).map(({ type }) => type)
  return [
    says('Mirrors AgentJob. version 1, attempt 0 and priority NORMAL if left out.'),
    input(
      'PublishAgentJobInput',
      columns.map((column) => given(schema, column)),
    ),
    ...unique(nested).map((type) => `\n${mirror(schema, type)}`),
    `\n${mirror(schema, 'AgentJobEvent', 'AppendAgentJobEventInput')}\n`,
    says(
      'Fields are ANDed, and so are several conditions on one field. and, or and not take conditions, not filters: one level.',
    ),
    input('ModelAgentJobFilterInput', [
      ...conditions,
      'and: [ModelAgentJobConditionInput]',
      'or: [ModelAgentJobConditionInput]',
      'not: ModelAgentJobConditionInput',
    ]),
    `\n${input('ModelAgentJobConditionInput', conditions)}\n`,
    says(
      "AppSync's own rules: conditions on different fields are ANDed, several operators of one field are ORed. and and or",
      'take conditions, not filters: one level. What and joins must not name a field twice, but for ge with le. At most 10',
      'alternatives (each value of in is one), each over at most 5 fields, the ones that we add (owner, version) included;',
      'in and notIn take 1 to 5 values, a text has at most 256 characters. null means left out.',
    ),
    input('ModelSubscriptionAgentJobFilterInput', [
      ...pushConditions,
      'and: [ModelSubscriptionAgentJobConditionInput]',
      'or: [ModelSubscriptionAgentJobConditionInput]',
    ]),
    `\n${input('ModelSubscriptionAgentJobConditionInput', pushConditions)}`,
    ...unique(enums).map((type) => `\n${input(`Model${type}Input`, [`eq: ${type}`, `ne: ${type}`])}`),
  ].join('\n')
}

const unique = (names: string[]) => [...new Set(names)]

function says(...lines: string[]): string {
  return ['"""', ...lines, '"""'].join('\n')
}

function input(name: string, members: string[]): string {
  return `input ${name} {\n${members.map((member) => `  ${member}`).join('\n')}\n}`
}

function mirror(schema: ApiSchema, type: string, name = `${type}Input`): string {
  return input(
    name,
    schema.fields(type).map((field) => given(schema, field)),
  )
}

function given(schema: ApiSchema, { name, type, isList, hasRequiredMembers, isRequired }: Field): string {
  const member = schema.isObject(type) ? `${type}Input` : type
  const whole = isList ? `[${member}${hasRequiredMembers ? '!' : ''}]` : member
  return `${name}: ${whole}${isRequired && !FILLED_IN.includes(name) ? '!' : ''}`
}

function operators(schema: ApiSchema, prefix: 'Model' | 'ModelSubscription', { name, type }: Field): string {
  // AppSync compares an enum that is pushed as the text that it is.
  if (schema.isEnum(type)) return prefix === 'Model' ? `Model${type}Input` : 'ModelSubscriptionStringInput'
  const found = `${prefix}${FILTERED_AS[type]}Input`
  if (schema.isInput(found)) return found
  throw new Error(`${name} is of type ${type}: write its operators into graphql/schema.graphql as input ${found}`)
}
