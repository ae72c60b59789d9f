import { type RemovalPolicy, Validations } from 'aws-cdk-lib'
import {
  AccountRecovery,
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

/** Who may submit jobs: a user pool and its app client, one's own or a new one with the group that sees the jobs of all. */
export class JobUsers extends Construct {
  readonly pool: IUserPool
  readonly client: IUserPoolClient

  constructor(scope: Construct, id: string, props: JobUsersProps) {
    super(scope, id)
    if (props.userPoolClient && !props.userPool) {
      throw new Error('userPoolClient goes with the userPool that it is a client of: give both, or neither')
    }
    this.pool = props.userPool ?? this.newPool(props.removalPolicy)
    this.client =
      props.userPoolClient ??
      new UserPoolClient(this, 'Client', {
        userPool: this.pool,
        // SRP for browsers; the password flow for scripts and tests.
        authFlows: { userSrp: true, userPassword: true },
        disableOAuth: true,
        preventUserExistenceErrors: true,
      })
  }

  private newPool(removalPolicy: RemovalPolicy): UserPool {
    const pool = new UserPool(this, 'UserPool', {
      signInAliases: { email: true },
      // Each job costs money: whoever runs the stack says who may sign in.
      selfSignUpEnabled: false,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      removalPolicy,
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
