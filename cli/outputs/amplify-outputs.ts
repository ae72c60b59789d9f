import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type JobOutputs, jobOutputs, type StackOutputs } from '../../local/job-outputs.ts'
import { modelIntrospection } from './model-introspection.ts'

const SCHEMA_FILE = join(import.meta.dirname, '../../graphql', 'schema.graphql')

/** The content of `amplify_outputs.json` for `Amplify.configure`, made of the outputs of a stack, such as the local cloud's. */
export function amplifyOutputs(stackOutputs: StackOutputs) {
  return amplifyOutputsOf(jobOutputs({ 'the stack': stackOutputs }))
}

/** The same, made of the outputs of one set of agent jobs. */
export function amplifyOutputsOf({ GraphQLUrl, Region, UserPoolClientId, UserPoolId }: JobOutputs) {
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
