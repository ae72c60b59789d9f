import type { ApiSchema, Field } from './api-schema.ts'
import { argumentsOf, typeScript } from './client-types.ts'

const MODEL = 'AgentJob'
/** Amplify's `models.AgentJob` has these; the other operations stand beside it. */
const MODEL_OPERATIONS = /^(get|list|create|onCreate|onUpdate|onDelete)AgentJobs?$/

/** What `generateClient<Schema>()` takes: types alone, of which nothing is left when a front end is built. */
export function amplifySchema(schema: ApiSchema): string {
  const objects = schema.objects.map(({ name }) => name.value).filter((name) => name !== MODEL)
  const enums = schema.enums.map(({ name }) => name.value)
  const entries = [
    `${MODEL}: AmplifyModel<${MODEL}, CreateAgentJobInput>`,
    ...objects.map((name) => `${name}: AmplifyCustomType<${name}>`),
    ...enums.map((name) => `${name}: AmplifyEnum<${name}>`),
    ...(['Query', 'Mutation', 'Subscription'] as const).flatMap((root) =>
      schema
        .fields(root)
        .filter(({ isForBackend, name }) => !isForBackend && !MODEL_OPERATIONS.test(name))
        .map((field) => operation(schema, root, field)),
    ),
  ]
  const names = [MODEL, 'CreateAgentJobInput', ...objects, ...enums].sort()
  return `import type { AmplifyCustomType, AmplifyEnum, AmplifyModel, AmplifyOperation } from './amplify-shapes.ts'
import type { ${names.join(', ')} } from './schema.ts'

/** What \`generateClient<Schema>()\` takes: \`client.models.AgentJob\` and the other operations, typed from end to end. */
export interface Schema {
${entries.join('\n')}
}`
}

function operation(schema: ApiSchema, root: 'Query' | 'Mutation' | 'Subscription', field: Field): string {
  const type = typeScript(schema, field)
  // What is pushed is there.
  const answer = field.isRequired || root === 'Subscription' ? type : `${type} | null`
  return `${field.name}: AmplifyOperation<'${root}', ${argumentsOf(schema, field)}, ${answer}>`
}
