import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type JobOutputs, jobOutputs, type StackOutputs } from '../../local/job-outputs.ts'
import { modelIntrospection } from './model-introspection.ts'

const SCHEMA_FILE = join(import.meta.dirname, '../../graphql', 'schema.graphql')

/** The content of `amplify_outputs.json` for `Amplify.configure`, made of the outputs of a stack, such as the local cloud's. */
export function amplifyOutputs(stackOutputs: StackOutputs) {
  return amplifyOutputsOf(jobOutputs({ 'the stack': stackOutputs }))
}

/** What the stack says of its own user pool, for `<Authenticator>` and other forms; of another's it says nothing. */
interface SignInForm {
  username_attributes: string[]
  standard_required_attributes: string[]
  user_verification_types: string[]
  mfa_configuration: string
  mfa_methods: string[]
  password_policy: {
    min_length: number
    require_numbers: boolean
    require_lowercase: boolean
    require_uppercase: boolean
    require_symbols: boolean
  }
}

/** The same, made of the outputs of one set of agent jobs. */
export function amplifyOutputsOf(outputs: JobOutputs) {
  const { GraphQLUrl, Region, UserPoolClientId, UserPoolId, SignInForm, IdentityPoolId } = outputs
  const form: Partial<SignInForm> = SignInForm ? JSON.parse(SignInForm) : {}
  return {
    version: '1.4',
    auth: {
      aws_region: Region,
      user_pool_id: UserPoolId,
      user_pool_client_id: UserPoolClientId,
      ...(IdentityPoolId ? { identity_pool_id: IdentityPoolId } : {}),
      ...form,
      // Amplify takes it for true when it is left out; the API knows no guests.
      unauthenticated_identities_enabled: false,
    },
    data: {
      url: GraphQLUrl,
      aws_region: Region,
      default_authorization_type: 'AMAZON_COGNITO_USER_POOLS' as const,
      authorization_types: ['AWS_IAM' as const],
      model_introspection: modelIntrospection(readFileSync(SCHEMA_FILE, 'utf8')),
    },
  }
}
