import {
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  Kind,
} from 'graphql'
import type { Caller } from './authenticate.ts'
import type { Mode, Modes } from './modes.ts'

/** The modes that may read a field, each with the groups of which the caller needs one (none listed: any caller). */
type Rule = Map<Mode, string[]>

const MODE_OF: Record<string, Mode> = {
  aws_api_key: 'API_KEY',
  aws_iam: 'AWS_IAM',
  aws_oidc: 'OPENID_CONNECT',
  aws_cognito_user_pools: 'AMAZON_COGNITO_USER_POOLS',
  aws_auth: 'AMAZON_COGNITO_USER_POOLS',
}

function groupsOf(directive: ConstDirectiveNode): string[] {
  const value = directive.arguments?.find((argument) => argument.name.value === 'cognito_groups')?.value
  if (value?.kind === Kind.STRING) return [value.value]
  if (value?.kind !== Kind.LIST) return []
  return value.values.flatMap((entry) => (entry.kind === Kind.STRING ? [entry.value] : []))
}

function ruleOf(directives: readonly ConstDirectiveNode[] | undefined): Rule | undefined {
  const rule: Rule = new Map()
  for (const directive of directives ?? []) {
    const mode = MODE_OF[directive.name.value]
    if (mode) rule.set(mode, groupsOf(directive))
  }
  return rule.size > 0 ? rule : undefined
}

/** Answers whether `caller` may read `Type.field`. */
export type MayAccess = (caller: Caller, typeName: string, fieldName: string) => boolean

/** Reads the auth directives of the schema once: a field's own replace its type's, and the default mode stands in for none. */
export function createFieldAccess(schema: GraphQLSchema, modes: Modes): MayAccess {
  const byDefault: Rule = new Map([[modes.default, []]])
  const rules = new Map<string, Rule>()
  const read = (type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) => {
    const rule = ruleOf(field.astNode?.directives) ?? ruleOf(type.astNode?.directives) ?? byDefault
    rules.set(`${type.name}.${field.name}`, rule)
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) read(type, field)
  }
  return (caller, typeName, fieldName) => {
    const rule = rules.get(`${typeName}.${fieldName}`)
    // Introspection has no rule.
    if (!rule) return true
    const groups = rule.get(caller.mode)
    if (!groups) return false
    if (groups.length > 0) return groups.some((group) => caller.groups.includes(group))
    return caller.mode !== 'AMAZON_COGNITO_USER_POOLS' || caller.identity?.defaultAuthStrategy !== 'DENY'
  }
}
