import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib'
import {
  AccountRecovery,
  type AuthFlow,
  type IUserPool,
  type IUserPoolClient,
  Mfa,
  UserPool,
  UserPoolClient,
  UserPoolGroup,
} from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'

export interface JobUsersProps {
  readonly removalPolicy: RemovalPolicy
  readonly userPool?: IUserPool
  readonly userPoolClient?: IUserPoolClient
}

const PASSWORD_POLICY = {
  minLength: 12,
  requireLowercase: true,
  requireUppercase: true,
  requireDigits: true,
  requireSymbols: true,
}

/** What a sign-in form must know of the construct's own pool, as Amplify's `auth` in amplify_outputs.json has it. */
const FORM_SETTINGS = {
  username_attributes: ['email'],
  standard_required_attributes: ['email'],
  user_verification_types: ['email'],
  mfa_configuration: 'OPTIONAL',
  mfa_methods: ['TOTP'],
  password_policy: {
    min_length: PASSWORD_POLICY.minLength,
    require_numbers: PASSWORD_POLICY.requireDigits,
    require_lowercase: PASSWORD_POLICY.requireLowercase,
    require_uppercase: PASSWORD_POLICY.requireUppercase,
    require_symbols: PASSWORD_POLICY.requireSymbols,
  },
}

// An hour bounds what a token that was stolen, or whose user was disabled, can do.
const TOKEN_VALIDITY = { accessTokenValidity: Duration.hours(1), idTokenValidity: Duration.hours(1) }

/** Who may submit jobs: a user pool and its app client, one's own or a new one with the group that sees the jobs of all. */
export class JobUsers extends Construct {
  readonly pool: IUserPool
  readonly client: IUserPoolClient
  /** Of the construct's own pool: for scripts, which sign in by password alone. */
  readonly scriptClient?: IUserPoolClient
  /** JSON text; of the construct's own pool. */
  readonly formSettings?: string

  constructor(scope: Construct, id: string, props: JobUsersProps) {
    super(scope, id)
    if (props.userPoolClient && !props.userPool) {
      throw new Error('userPoolClient goes with the userPool that it is a client of: give both, or neither')
    }
    this.pool = props.userPool ?? this.newPool(props.removalPolicy)
    // By SRP a password never leaves the browser.
    this.client = props.userPoolClient ?? this.newClient('Client', { userSrp: true }, Duration.days(30))
    if (props.userPool) return
    this.scriptClient = this.newClient('ScriptClient', { userPassword: true }, Duration.days(1))
    this.formSettings = JSON.stringify(FORM_SETTINGS)
  }

  private newClient(id: string, authFlows: AuthFlow, refreshTokenValidity: Duration): UserPoolClient {
    return new UserPoolClient(this, id, {
      userPool: this.pool,
      authFlows,
      ...TOKEN_VALIDITY,
      refreshTokenValidity,
      enableTokenRevocation: true,
      disableOAuth: true,
      preventUserExistenceErrors: true,
    })
  }

  private newPool(removalPolicy: RemovalPolicy): UserPool {
    const pool = new UserPool(this, 'UserPool', {
      signInAliases: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      // Each job costs money: whoever runs the stack says who may sign in.
      selfSignUpEnabled: false,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: PASSWORD_POLICY,
      removalPolicy,
      // A delete keeps the pool by its policy; protected, it would also withstand the roll-back of a first deploy.
      deletionProtection: false,
    })
    Validations.of(pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'MFA is offered, not forced: scripts and test users sign in by password alone.',
      },
      { id: 'AwsSolutions-COG8', reason: 'The Plus plan is paid for per user; an owner who wants it turns it on.' },
    )
    // The resolvers know admins by this name.
    new UserPoolGroup(this, 'Admins', { userPool: pool, groupName: 'admins', description: 'See all jobs.' })
    return pool
  }
}
