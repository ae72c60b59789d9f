import { type ASTNode, type DocumentNode, type GraphQLError, Kind, visit } from 'graphql'

/**
 * AppSync runs graphql-java, whose wording front ends and tests know. Each line turns a message of graphql-js into it:
 * a pattern, the kind of validation error, and the text.
 */
const VALIDATION: [RegExp, string, (found: string[]) => string][] = [
  [
    /^Cannot query field "(\w+)" on type "(\w+)"/,
    'FieldUndefined',
    ([f, t]) => `Field '${f}' in type '${t}' is undefined`,
  ],
  [/^Unknown argument "(\w+)" on field/, 'UnknownArgument', ([a]) => `Unknown field argument ${a}`],
  [/^Unknown argument "(\w+)" on directive "@(\w+)"/, 'UnknownDirective', ([a]) => `Unknown directive argument ${a}`],
  [/^Unknown directive "@(\w+)"/, 'UnknownDirective', ([d]) => `Unknown directive ${d}`],
  [/^Unknown type "(\w+)"/, 'UnknownType', ([t]) => `Unknown type ${t}`],
  [/^Unknown fragment "(\w+)"/, 'UndefinedFragment', ([f]) => `Undefined fragment ${f}`],
  [/^Fragment "(\w+)" is never used/, 'UnusedFragment', ([f]) => `Unused fragment ${f}`],
  [
    /^Field "\w+" argument "(\w+)" of type "([^"]+)" is required/,
    'MissingFieldArgument',
    ([a]) => `Missing field argument ${a}`,
  ],
  [
    /^Field "(\w+)\.(\w+)" of required type "([^"]+)" was not provided/,
    'WrongType',
    ([t, f]) => `argument of type '${t}' is missing required fields '[${f}]'`,
  ],
  [
    /^Field "(\w+)" is not defined by type "(\w+)"/,
    'WrongType',
    ([f, t]) => `argument contains a field not in '${t}': '${f}'`,
  ],
  [
    /^Field "(\w+)" of type "([^"]+)" must have a selection of subfields/,
    'SubSelectionRequired',
    ([f, t]) => `Sub selection required for type ${t} of field ${f}`,
  ],
  [
    /^Field "(\w+)" must not have a selection since type "([^"]+)" has no subfields/,
    'SubSelectionNotAllowed',
    ([f, t]) => `Sub selection not allowed on leaf type ${t} of field ${f}`,
  ],
  [/^Variable "\$(\w+)" is not defined/, 'UndefinedVariable', ([v]) => `Undefined variable ${v}`],
  [/^Variable "\$(\w+)" is never used/, 'UnusedVariable', ([v]) => `Unused variable ${v}`],
  [
    /^Variable "\$\w+" of type "([^"]+)" used in position expecting type "([^"]+)"/,
    'VariableTypeMismatch',
    ([is, wanted]) => `Variable type '${is}' doesn't match expected type '${wanted}'`,
  ],
  [/^Fields "(\w+)" conflict because (.+)\. Use different aliases/, 'FieldsConflict', ([f, why]) => `${f}: ${why}`],
]

const EXECUTION: [RegExp, (found: string[]) => string][] = [
  [
    /^Variable "\$(\w+)" got invalid value .*; Field "(\w+)" is not defined by type "(\w+)"/s,
    ([, field, type]) =>
      `The variables input contains a field name '${field}' that is not defined for input object type '${type}' `,
  ],
  [
    /^Variable "\$(\w+)" got invalid value .* at "(\w+(?:\.\w+)*)"; Field "(\w+)" of required type "([^"]+)" was not provided/s,
    ([, , field, type]) => `Variable '${field}' has coerced Null value for NonNull type '${type}'`,
  ],
  [
    /^Variable "\$(\w+)" got invalid value .*; Field "(\w+)" of required type "([^"]+)" was not provided/s,
    ([, field, type]) => `Variable '${field}' has coerced Null value for NonNull type '${type}'`,
  ],
  [
    /^Variable "\$(\w+)" of (?:non-null|required) type "([^"]+)" (?:must not be null|was not provided)/,
    ([name, type]) => `Variable '${name}' has coerced Null value for NonNull type '${type}'`,
  ],
  [
    /^Variable "\$(\w+)" got invalid value .* at "\w+\.([\w.[\]]+)"; Expected non-nullable type "([^"]+)" not to be null/s,
    ([, path, type]) => `Variable '${path?.split('.').pop()}' has coerced Null value for NonNull type '${type}'`,
  ],
  [
    /^Variable "\$(\w+)" got invalid value (?:.*); Value "(.*)" does not exist in "(\w+)" enum/s,
    ([name, value, type]) =>
      `Variable '${name}' has an invalid value. Invalid input for Enum '${type}'. No value found for name '${value}'`,
  ],
  [
    /^Variable "\$(\w+)" got invalid value .*; (.+)$/s,
    ([name, why]) => `Variable '${name}' has an invalid value. ${why}`,
  ],
]

const WRITING: [RegExp, (found: string[]) => string][] = [
  [
    /^Enum "(\w+)" cannot represent value: "?(.*?)"?$/,
    ([type, value]) => `Invalid input for Enum '${type}'. No value found for name '${value}'`,
  ],
  [
    /^(Int|Float|Boolean|String|ID) cannot represent .*: (.*)$/s,
    ([type, value]) => `Expected type '${type}' but got ${value}.`,
  ],
  [/^(Unable to serialize .*)$/s, ([text]) => text as string],
]

/** The message of an error that graphql-js found while it ran a document. */
export function awsMessage(error: GraphQLError): string {
  const written = error.path && firstMatch(WRITING, error.message)
  if (written) return `Can't serialize value (/${error.path?.join('/')}) : ${written}`
  return firstMatch(EXECUTION, error.message) ?? error.message
}

function firstMatch(table: [RegExp, (found: string[]) => string][], message: string): string | undefined {
  for (const [pattern, write] of table) {
    const found = pattern.exec(message)
    if (found) return write(found.slice(1))
  }
  return undefined
}

/** Names of the fields around `node`, as graphql-java writes the place of a validation error: `getJob/error/code`. */
function placeOf(document: DocumentNode, node: ASTNode): string {
  const names: string[] = []
  let place = ''
  const isStep = (other: ASTNode) => other.kind === Kind.FIELD || other.kind === Kind.FRAGMENT_DEFINITION
  visit(document, {
    enter(other) {
      if (isStep(other)) names.push((other as { name: { value: string } }).name.value)
      if (other === node) place = names.join('/')
    },
    leave(other) {
      if (isStep(other)) names.pop()
    },
  })
  return place
}

/** The message of an error that validation found. */
export function awsValidationMessage(document: DocumentNode, error: GraphQLError): string {
  const place = error.nodes?.[0] ? placeOf(document, error.nodes[0]) : ''
  for (const [pattern, kind, write] of VALIDATION) {
    const found = pattern.exec(error.message)
    if (found) return `Validation error of type ${kind}: ${write(found.slice(1))}${place && ` @ '${place}'`}`
  }
  return `Validation error of type WrongType: ${error.message}${place && ` @ '${place}'`}`
}
