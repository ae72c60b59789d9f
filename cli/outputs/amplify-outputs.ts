import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelIntrospection } from './model-introspection.ts'

const SCHEMA_FILE = join(import.meta.dirname, '../../graphql', 'schema.graphql')

const NEEDED = ['GraphQLUrl', 'Region', 'UserPoolId', 'UserPoolClientId'] as const

/**
 * The content of `amplify_outputs.json` for `Amplify.configure`, made of the stack's outputs: those of the local cloud,
 * or what `cdk deploy --outputs-file` writes for the stack.
 */
export function amplifyOutputs(stackOutputs: Record<string, string>) {
  const missing = NEEDED.filter((name) => !stackOutputs[name])
  if (missing.length > 0) {
    const came = Object.keys(stackOutputs).join(', ') || 'none'
    throw new Error(`stack outputs must have ${NEEDED.join(', ')}; ${missing.join(', ')} is missing, got ${came}`)
  }
  const { GraphQLUrl, Region, UserPoolId, UserPoolClientId } = stackOutputs as Record<(typeof NEEDED)[number], string>
  return {
    version: '1.4',
    auth: { aws_region: Region, user_pool_id: UserPoolId, user_pool_client_id: UserPoolClientId },
    data: {
      url: GraphQLUrl,
      aws_region: Region,
      default_authorization_type: 'AMAZON_COGNITO_USER_POOLS' as const,
      authorization_types: ['AWS_IAM' as const],
      model_introspection: modelIntrospection(readFileSync(SCHEMA_FILE, 'utf8')),
    },
  }
}
